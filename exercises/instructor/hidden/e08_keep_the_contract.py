"""Exercise 8, the hidden checks: sentences that nobody has seen, true ones and broken ones."""

from __future__ import annotations

from random import Random
from typing import Any

from checks.e08_keep_the_contract import GUARD, SENTENCE, WORDS
from checks.words import (
    CITATION,
    DONE,
    FAILED,
    START,
    TOKENS,
    USAGE,
    Said,
    event,
    fails,
    guarded,
    known,
    names,
    refused,
    token,
    unknown,
)

from labsupport.grading import Answer, Checks, Feed, Raised, expect, fail
from labsupport.grading.values import Thing

checks = Checks()

TEXTS = ["Hot", " soup", "\n\n", "", "漬物", " ", "data: x", "🍜", "6", "null"]


def sentence(random: Random) -> list[Said]:
    """A sentence that keeps the contract."""
    count = random.randint(1, 9)
    said = [token(number, random.choice(TEXTS)) for number in range(count)]
    for _ in range(random.randint(0, 2)):
        said.insert(random.randint(0, len(said)), CITATION)
    usage: Said = {"type": "usage", "input": random.randint(0, 10**6), "output": count}
    if random.random() < 0.5:
        usage["estimated"] = random.random() < 0.5
    done: Said = {"type": "done", "reason": random.choice(["stop", "length", "tool", "blocked"])}
    failed: Said = {"type": "failed", "code": random.choice(["overloaded", "no_stove"])}
    ending = random.choice([done, done, failed])
    return [START, *said, *random.choice([[], [usage]]), ending]


def with_unknown(said: list[Said], random: Random) -> list[Said]:
    """The same with new words in it, anywhere."""
    said = list(said)
    for _ in range(random.randint(1, 3)):
        new: Said = {"type": random.choice(["thinking", "delta", "ping", "receipt"]), "i": "x"}
        said.insert(random.randint(0, len(said)), new)
    return said


def understood(said: list[Said]) -> list[Thing]:
    """What the guard says for a sentence that keeps the contract: its ending comes last."""
    words = {"start", "token", "citation", "usage", "failed", "done"}
    made = [known(one) if one["type"] in words else unknown(one["type"]) for one in said]
    return sorted(made, key=lambda one: one.type in ("Failed", "Done"))


@checks.check(
    "lets every true sentence through as it is", points=1, needs=("at_once",), section=SENTENCE
)
def true_sentences(answer: Answer, random: Random) -> None:
    made = [sentence(random) for _ in range(12)]
    made += [[START, FAILED], [START, USAGE, FAILED], [START, CITATION, DONE]]
    made += [with_unknown(one, random) for one in made]
    for said in made:
        fed = " ".join(one["type"] for one in said)
        expect(
            guarded(answer, *map(event, said), fed=fed),
            understood(said),
            fed=fed,
            next="Usage may be missing, a citation may stand before the first token or alone, a "
            "failed may follow start at once and keeps its own code, and unknown words may stand "
            "anywhere, also before start and after the ending.",
            cause="too strict",
        )


@checks.check("holds the upstream to the sentence", points=1, needs=("drift",), section=SENTENCE)
def sentences(answer: Answer, random: Random) -> None:
    one, two, _ = TOKENS
    renamed: list[Any] = [{**token, "type": "delta"} for token in TOKENS]
    broken = [
        [one, two, DONE],
        [START, START, one, DONE],
        [START, one, START, two, DONE],
        [START, DONE],
        [START, *renamed, USAGE, DONE],
        [START, one, USAGE, two, DONE],
        [START, one, USAGE, CITATION, DONE],
        [START, one, USAGE, USAGE, DONE],
    ]
    for said in random.sample(broken, len(broken)):
        fails(
            answer,
            *said,
            fed=" ".join(word["type"] for word in said),
            next="Good words may make a bad sentence: start once and first; no token or citation "
            "after usage; usage once; no done before anything was said. Unknown words say "
            "nothing.",
            cause="sentence",
        )


@checks.check("misses a token that got lost", points=0.5, needs=("drift",), section=SENTENCE)
def numbers(answer: Answer, random: Random) -> None:
    tokens = [token(number, "nut") for number in range(6)]
    lost = random.randint(1, 4)
    for some in (
        tokens[:lost] + tokens[lost + 1 :],
        tokens[1:],
        [*tokens[:lost], *tokens[lost - 1 :]],
    ):
        counted = [one["i"] for one in some]
        fails(
            answer,
            START,
            *some,
            DONE,
            fed=f"tokens with i = {counted}",
            next="The tokens count 0, 1, 2 ... One that is missing, or comes twice, is drift.",
            cause="numbers",
        )


@checks.check(
    "refuses a word whose name and type differ", points=0.5, needs=("bad_words",), section=WORDS
)
def two_names(answer: Answer, random: Random) -> None:
    said = [START, TOKENS[0], CITATION, USAGE, FAILED, DONE]
    for one, other in zip(said, [*said[1:], said[0]], strict=True):
        for bad in (event(one, other["type"]), event({**one, "type": "delta"}, one["type"])):
            refused(
                answer,
                bad,
                next="The name stands twice: as event.event and as `type` in the JSON. If the two "
                "differ, raise ValueError.",
                cause="two names",
            )


@checks.check(
    "holds every field to its type", points=0.5, needs=("bad_words", "strict"), section=WORDS
)
def every_field(answer: Answer, random: Random) -> None:
    for said in (START, TOKENS[1], CITATION, {**USAGE, "estimated": True}, FAILED, DONE):
        for name in said.keys() - {"type"}:
            value = said[name]
            wrong: list[Any] = [None, [value], {"is": value}]
            wrong += [7, "stopped"] if name == "reason" else []
            wrong += [7] if isinstance(value, str) else ["yes"]
            wrong += [str(value)] if isinstance(value, int) else []
            for bad in wrong:
                refused(
                    answer,
                    event({**said, name: bad}),
                    next="Each field has the type of the table, and no other: no null, no text for "
                    "a number, no number for a text, and of reason only the four values.",
                    cause="fields",
                )


@checks.check(
    "says nothing to a guest who has left", points=0.5, needs=("at_once",), section=GUARD
)  # fmt: skip
def leaves(answer: Answer, random: Random) -> None:
    stay = random.randint(1, 3)
    with answer.talk("guarded", Feed(is_async=True)) as talk:
        talk.most = stay  # after so many it is closed, as by a server whose guest has gone
        try:
            for said in (START, *TOKENS):
                talk.give(event(said))
        except Raised as raised:
            fail(
                "the end of guarded",
                f"{raised.got}, after {names(talk.outs)}",
                fed=f"a guest who leaves after {stay} events",
                next="When the guest leaves, GeneratorExit or CancelledError goes through your "
                "loop. Catch Exception, which those two are not, and yield nothing in finally.",
                cause="swallows the bell",
            )
