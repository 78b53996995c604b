"""Exercise 4, the hidden checks: other streams, other drops, other refusals."""

from __future__ import annotations

from random import Random

from checks.e04_follow_a_stream import BACK, REST, RETRY, STOPS, drop, evening, refused
from checks.waiters import SOON, Kitchen, Piece, Trip, plate

from labsupport.grading import Answer, Checks

checks = Checks()

WORDS = [
    "Hot",
    " soup",
    " so",
    " süß",
    " 漬物",
    "🍜",
    " a: b",
    "two\nlines",
    "  ",
    "\ttea",
    "[",
    "0",
]
NAMES = ["amber", "Birch 7", "0", "c-12", "00", "e/4", "fig", "-1", "h=9", "ivy", "9", "k.k"]


@checks.check(
    "keeps the id when a connection brings none", points=0.5, needs=("says_id",), section=BACK
)
def nothing_new(answer: Answer, random: Random) -> None:
    note = Piece("a note", b"event: note\ndata: the cook is back\n\n").data
    empty = [Trip(0, "broke off"), Trip(0, "proper end"), Trip(0, "broke off", note)]
    kitchen = evening(drop("3"), *random.sample(empty, len(empty)), REST).done(answer)
    if kitchen.said != ["none", "3", "3", "3", "3"]:
        kitchen.blame(
            "none, 3, 3, 3, 3",
            ", ".join(kitchen.said),
            next="A connection may bring nothing, or events without an id. The id from before "
            "still holds, and the stream is not over.",
            cause="id lost",
        )


@checks.check("survives drops of every kind, at any byte", points=1, needs=("half",), section=BACK)
def any_drop(answer: Answer, random: Random) -> None:
    for ends in ("\n", "\r\n"):
        tokens = random.choices(WORDS, k=random.randint(8, len(NAMES)))
        ids = random.sample(NAMES, len(tokens))
        pieces = [plate(token, id, ends) for token, id in zip(tokens, ids, strict=True)]
        pieces.append(Piece("done", f"event: done{ends}data: {{}}{ends}{ends}".encode()))
        size = sum(len(piece.data) for piece in pieces[:-1])
        places = sorted(random.sample(range(len(pieces[0].data), size), 5))
        # The first must bring its `retry`, so it is not one of those that may lose it.
        drops = random.sample(["broke off", "was reset", "proper end", "no answer"], 4)
        first = RETRY.replace(b"\n", ends.encode())
        trips = [Trip(*one, first) for one in zip(places, ["broke off", *drops], strict=True)]
        kitchen = Kitchen(pieces, [*trips, REST], cut=random.choice([1, 7, 1000])).done(answer)
        if kitchen.tokens != tokens:
            kitchen.blame(
                repr(tokens),
                repr(kitchen.tokens),
                next="An id is a text, lines may end in CRLF, a token may have two lines or come "
                "twice, and a drop may fall inside a character, before any byte, or be a reset.",
                cause="drops",
            )


@checks.check("keeps to the latest retry", points=0.5, needs=("waits",), section=BACK)
def retry_changes(answer: Answer, random: Random) -> None:
    retry = random.randrange(150, 200)
    end = random.choice(["broke off", "proper end"])
    second = drop("3", first=f"retry: {retry}\n\n".encode(), end=end)
    kitchen = evening(drop("1"), second, REST).done(answer)
    if any(wait < SOON * retry / 1000 for wait in kitchen.waits[1:]):
        kitchen.blame(
            f"{retry} ms before the third connection",
            ", ".join(f"{wait * 1000:.0f} ms" for wait in kitchen.waits),
            next="A server may change its mind: a new `retry` holds from then on.",
            cause="retry",
        )


@checks.check(
    "gives up on every other status", points=0.5, needs=("gives_up", "comes_back"), section=STOPS
)
def other_statuses(answer: Answer, random: Random) -> None:
    for status in (random.choice([400, 401, 403, 410, 429]), random.choice([500, 502, 503])):
        trips = drop("2"), Trip(status=status)
        refused(evening(*trips), answer, str(status), visits=2, fed=f"a drop; {status}")


@checks.check(
    "does not take a page for a stream", points=0.5, needs=("gives_up", "comes_back"), section=STOPS
)
def not_a_stream(answer: Answer, random: Random) -> None:
    kind = random.choice(["text/html", "application/json", "text/plain"])
    page = Trip(page=b"<h1>Please log in</h1>\n", kind=f"{kind}; charset=utf-8", end="proper end")
    next = (
        "A page may have status 200. Look at the content type before you read, and raise an error. "
        "Does your `except` let it through? That of httpx-sse is a TransportError, too."
    )
    refused(evening(drop("2"), page), answer, kind, visits=2, fed=f"a drop; {kind}", next=next)
