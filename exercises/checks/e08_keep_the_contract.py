"""Exercise 8: words as classes, and a guard that holds an upstream to the whole sentence.

No check has a time limit. That a word is handed on at once is proved by order: the judge gives the
next event only when the guard asks for it, and looks at what has come out by then.
"""

from __future__ import annotations

from random import Random

from checks.words import (
    BROKEN,
    CITATION,
    DONE,
    FAILED,
    START,
    THINKING,
    TOKENS,
    USAGE,
    event,
    fails,
    guarded,
    known,
    parsed,
    refused,
    unknown,
)

from labsupport import Event
from labsupport.grading import Answer, Exercise, Feed, expect, fail

exercise = Exercise(
    8,
    "Keep the contract",
    answers=("parse", "guarded"),
    lesson="08_keep_the_contract.ipynb",
)

WORDS, SENTENCE = "Write the words down", "Write the sentence down"
GUARD, UNKNOWN = "Guard the pass window", "Meet a word you do not know"
"""Headings of the lesson."""


@exercise.check("makes each of the six words an object of its class", points=0.5, section=WORDS)
def words(answer: Answer, random: Random) -> None:
    for said in (START, TOKENS[0], CITATION, USAGE, {**USAGE, "estimated": True}, FAILED, DONE):
        parsed(
            answer,
            event(said),
            known(said),
            next="Give the class the fields of the table, with these names; those with a value "
            "behind = may be left out. Let pydantic read event.data.",
            cause="words",
        )


@exercise.check(
    "makes a word that it does not know Unknown, whatever it carries", points=0.5,
    needs=("words",), section=UNKNOWN,
)  # fmt: skip
def unknown_words(answer: Answer, random: Random) -> None:
    for one in (event(THINKING), Event("[DONE]"), Event("", "ping"), event(TOKENS[0], "delta")):
        parsed(
            answer,
            one,
            unknown(one.event),
            next="Look at event.event first. If it is none of the six names, return "
            "Unknown(type=...) with that name, and do not read the data: it may be no JSON.",
            cause="unknown",
        )


@exercise.check(
    "raises for a known word that is said badly", points=1, needs=("words",), section=WORDS
)
def bad_words(answer: Answer, random: Random) -> None:
    for one in (
        event({"type": "token", "i": 0}),
        event({"type": "token", "i": 0, "text": None}),
        Event('{"type": "token", "i": 0,', "token"),
        event({"type": "done", "reason": "paused"}),
    ):
        refused(
            answer,
            one,
            next="The name is one of yours, the data is not: something is broken, and Unknown "
            "would hide it. Let pydantic's ValidationError (a ValueError) out of parse.",
            cause="bad is unknown",
        )


@exercise.check(
    "does not repair a number that became a string", points=0.5, needs=("words",), section=WORDS
)  # fmt: skip
def strict(answer: Answer, random: Random) -> None:
    for said in ({**USAGE, "output": "5"}, {**TOKENS[1], "i": "1"}):
        refused(
            answer,
            event(said),
            next='pydantic makes 5 of "5" unless it is told not to: strict=True, in each class\'s '
            "ConfigDict or where you validate.",
            cause="lax",
        )


@exercise.check(
    "passes over a field that it does not know", points=0.5, needs=("words",), section=UNKNOWN
)  # fmt: skip
def new_fields(answer: Answer, random: Random) -> None:
    for said in (DONE, TOKENS[2]):
        parsed(
            answer,
            event({**said, "cached": True}),
            known(said),
            next="A new field is how a contract grows. pydantic passes over it, unless "
            "extra='forbid' or extra='allow' says something else.",
            cause="extra fields",
        )


@exercise.check(
    "hands each word on before it asks for the next", points=1, needs=("words",), section=GUARD
)  # fmt: skip
def at_once(answer: Answer, random: Random) -> None:
    with answer.talk("guarded", Feed(is_async=True)) as talk:
        for said in (START, TOKENS[0], CITATION, TOKENS[1]):
            expect(
                talk.give(event(said)),
                [known(said)],
                fed=f"{said['type']}, and the next event is not there yet",
                next="yield inside `async for`, as soon as parse has returned. Only an ending "
                "has to wait.",
                cause="collects",
            )


@exercise.check(
    "hands unknown words on as well", points=0.5, needs=("at_once", "unknown_words"),
    section=UNKNOWN,
)  # fmt: skip
def hands_on_unknown(answer: Answer, random: Random) -> None:
    with answer.talk("guarded", Feed(is_async=True)) as talk:
        talk.give(event(START))
        expect(
            talk.give(event(THINKING)),
            [unknown("thinking")],
            fed="start, then thinking",
            next="Yield the Unknown and go on. Who writes to the guest leaves it out, and counts "
            "it: that is how you learn that the kitchen has a new word.",
            cause="drops unknown",
        )


@exercise.check(
    "turns a bad word into one Failed, and ends", points=1, needs=("at_once", "bad_words"),
    section=GUARD,
)  # fmt: skip
def drift(answer: Answer, random: Random) -> None:
    bad, later = {**TOKENS[1], "text": None}, [TOKENS[2], USAGE, DONE]
    fed = "start, token, a token whose text is null, token, usage, done"
    next = (
        "Going on would leave a hole in the sentence. Yield one Failed in place of the bad "
        "word, and return: nothing that follows is read."
    )
    fails(answer, START, TOKENS[0], bad, *later, fed=fed, next=next, cause="goes on")
    with answer.talk("guarded", Feed(is_async=True)) as talk:
        for said in (START, TOKENS[0], bad):
            talk.give(event(said))
        if not talk.over:
            fail("the end of guarded", "a wish for more", fed=fed, next=next, cause="goes on")
    expect(talk.outs[:-1], [known(START), known(TOKENS[0])], fed=fed, next="Keep what was said.")


@exercise.check(
    "says Failed when the source ends without an ending", points=0.5, needs=("at_once",),
    section=GUARD,
)  # fmt: skip
def no_ending(answer: Answer, random: Random) -> None:
    fails(
        answer,
        START,
        *TOKENS,
        USAGE,
        fed="start, three tokens, usage, and the source ends",
        next="Behind the loop, look whether an ending has come. If none has, the answer may be "
        "half an answer: yield Failed.",
        cause="no ending",
    )


@exercise.check(
    "says Failed when the source raises", points=0.5, needs=("at_once",), section=GUARD
)  # fmt: skip
def source_raises(answer: Answer, random: Random) -> None:
    fails(
        answer,
        START,
        TOKENS[0],
        cut="peer closed connection",
        fed="start, token, and the source raises ConnectionError",
        next="The source may raise anything a network can. Let the try stand around the loop, "
        "and not only around parse, and catch Exception.",
        cause="source raises",
    )


@exercise.check(
    "tells the guest a code, and none of the upstream's words", points=0.5,
    needs=("drift", "source_raises"), section=GUARD,
)  # fmt: skip
def discreet(answer: Answer, random: Random) -> None:
    secret = f"key sk-{random.randrange(10**9)}"
    for said, cut in (({"type": "token", "i": 0, "text": [secret]}, ""), (TOKENS[0], secret)):
        fed = f"{'a source that raises' if cut else 'a bad token'} and quotes {secret!r}"
        out = guarded(answer, event(START), event(said), cut=cut, fed=fed)
        expect(
            out[-1:],
            [BROKEN],
            fed=fed,
            next='Say Failed(type="failed", code="broken_upstream") for every kind of drift. '
            "What exactly was wrong belongs in your log.",
            cause="leaks",
        )


@exercise.check(
    "says exactly one ending, the last of all", points=1, needs=("drift", "no_ending"),
    section=SENTENCE,
)  # fmt: skip
def one_ending(answer: Answer, random: Random) -> None:
    for said in ([DONE], [FAILED], [USAGE, DONE]):
        fed = ", ".join(["start", "token", *(one["type"] for one in said)])
        expect(
            guarded(answer, *map(event, [START, TOKENS[0], *said]), fed=fed),
            [known(one) for one in [START, TOKENS[0], *said]],
            fed=f"{fed}, and the source ends",
            next="This keeps the contract. Say the ending when the source is over, as it came.",
            cause="loses the ending",
        )
    for said in ([DONE, FAILED], [DONE, DONE], [DONE, TOKENS[1]]):
        fails(
            answer,
            START,
            TOKENS[0],
            *said,
            fed=", ".join(["start", "token", *(one["type"] for one in said)]),
            next="What has left the kitchen cannot be called back. Hold the ending back until the "
            "source is over; if another word of the contract comes, say Failed in its place.",
            cause="endings",
        )
