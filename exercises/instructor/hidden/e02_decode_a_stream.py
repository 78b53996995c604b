"""Exercise 2, the hidden checks: the same rules on bytes that nobody has seen."""

from __future__ import annotations

from random import Random

from checks.e02_decode_a_stream import CHUNKS, LINES, RULES, events, same

from labsupport import Decoder, Event
from labsupport.grading import Answer, Checks, Value, fail

checks = Checks()


def oracle(chunks: list[bytes]) -> list[Event]:
    """What the standard says."""
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


@checks.check("survives every cut", points=1, section=CHUNKS)
def every_cut(answer: Answer, random: Random) -> None:
    text = random.choice(["süß", "crème", "漬物", "🍜"])
    whole = f"event: dish\r\ndata: {text}\r\n\r\ndata: end\n\n".encode()
    cuts = [[whole[:at], whole[at:]] for at in range(1, len(whole))]
    expected = oracle([whole])
    for chunks in (*cuts, [bytes([byte]) for byte in whole]):
        if events(answer, chunks) != expected:
            fail(
                "the same events wherever the bytes are cut",
                f"others when they are cut after byte {len(chunks[0])}",
                next="Decode whole lines only: a cut may fall inside a character or a line end.",
                cause="cut",
            )


@checks.check("takes off one space and no more", points=1, section=LINES)
def one_space(answer: Answer, random: Random) -> None:
    blanks = " " * random.randint(2, 4)
    same(
        answer,
        [f"data:{blanks}x\ndata:y\ndata: z \ndata\n\n".encode()],
        [Event(f"{blanks[1:]}x\ny\nz \n")],
        next="One space after the colon, if there is one, belongs to the format; all others to "
        "the data.",
    )


@checks.check("ends lines at CR and LF only", points=1, section=RULES)
def only_those(answer: Answer, random: Random) -> None:
    sign = random.choice(["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c"])
    same(
        answer,
        [f"data: a{sign}b\n\n".encode()],
        [Event(f"a{sign}b")],
        next="str.splitlines splits at more than the standard does. Look for \\r and \\n.",
    )


@checks.check("throws an unfinished tail away", points=1, section=RULES)
def tail(answer: Answer, random: Random) -> None:
    same(
        answer,
        [b"data: a\n\ndata: never finished", random.choice([b"", b"\n"])],
        [Event("a")],
        next="What is not ended by a blank line when the stream ends is not an event.",
    )


@checks.check("dispatches nothing without data", points=0.5, section=RULES)
def no_data(answer: Answer, random: Random) -> None:
    name = random.choice(["ping", "start", "token"])
    same(
        answer,
        [f": hello\n\nevent: {name}\n\ndata: a\n\n\n\nid: 1\n\n".encode()],
        [Event("a")],
        next="A block without a data line gives no event, and its event name is forgotten.",
    )


@checks.check("keeps the id until another comes", points=0.5, section=RULES)
def the_id(answer: Answer, random: Random) -> None:
    one, two = random.sample(range(10, 99), 2)
    same(
        answer,
        [f"id: {one}\n\ndata: a\n\n".encode(), f"data: b\n\nid: {two}\ndata: c\n\n".encode()],
        [Event("a", id=str(one)), Event("b", id=str(one)), Event("c", id=str(two))],
        next="The id stays for the events that follow. It counts even in a block without data.",
    )


@checks.check("reads the text as UTF-8, whatever comes", points=1, section=RULES)
def utf8(answer: Answer, random: Random) -> None:
    bad = random.choice([b"caf\xe9", b"\xff soup", b"\xe6\xbc soup"])
    whole = b"\xef\xbb\xbfdata: first\n\ndata: " + bad + b"\n\ndata: \xf0\x9f\x8d\x9c\n\n"
    got, expected = events(answer, [whole]), oracle([whole])
    if got != expected:
        fail(
            Value(expected),
            Value(got),
            next="One byte order mark at the start is dropped; bytes that are no UTF-8 become "
            "U+FFFD, and the stream goes on.",
        )
