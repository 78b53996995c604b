"""Exercise 1, the hidden checks: streams that nobody has seen."""

from __future__ import annotations

from random import Random

from checks.e01_measure_the_wait import (
    DONE,
    END,
    HEAD,
    HELLO,
    REST,
    START,
    Part,
    counts_to,
    falls,
    token,
)

from labsupport import encode
from labsupport.grading import Answer, Checks

checks = Checks()

WORDS = ["Hot", " soup", " süß", "\n\n", "two\nlines", " 漬物", " ", "data: x", "event: done"]


def other(random: Random, name: str = "an event with another name") -> Part:
    """An event that has text and is no token."""
    kind = random.choice(["thinking", "citation", "tokens", "Token"])
    return name, encode(random.choice(WORDS), event=kind)


@checks.check("counts right wherever the bytes are cut", points=2, section="Measure what changed")
def any_cut(answer: Answer, random: Random) -> None:
    count = random.randint(8, 30)
    texts = ["two\nlines", *random.choices(WORDS, k=count - 1)]
    random.shuffle(texts)
    whole = b"".join(encode(text, event="token") for text in texts)
    cuts = sorted(random.sample(range(1, len(whole)), random.randint(3, 12)))
    pieces = zip([0, *cuts], [*cuts, None], strict=True)
    counts_to(
        answer,
        count,
        START,
        *((f"bytes from {begin}", whole[begin:end]) for begin, end in pieces),
        DONE,
        next="Let a decoder find the events: a cut may fall inside a token, and a token may "
        "have several lines.",
        cause="cut",
    )


@checks.check(
    "finds the first token behind whatever comes before it", points=1, section="In production"
)  # fmt: skip
def any_prelude(answer: Answer, random: Random) -> None:
    before = random.sample([HELLO, START, other(random)], 3)
    falls(
        answer,
        "first",
        "the first token",
        (HEAD, *before, REST, token(random.choice(WORDS)), REST, other(random, "more"), END),
        next="Comments and events with other names may come first. Only an event called 'token' "
        "stops the clock.",
    )


@checks.check("ends the total with the stream", points=1, section="Measure what changed")
def any_total(answer: Answer, random: Random) -> None:
    words = random.choices(WORDS, k=random.randint(1, 4))
    tokens = [token(word, f"token {number}") for number, word in enumerate(words)]
    falls(
        answer,
        "total",
        "the end",
        (HEAD, START, *tokens, REST, random.choice([other(random), HELLO, DONE]), END),
        next="The total runs to the end of the response, whatever its last event is.",
    )
