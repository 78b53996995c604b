"""Exercise 5: a bridge that relays two dialects as events of its own, and tells how it ended."""

from __future__ import annotations

import math
from random import Random

from checks.orders import BROKEN, DIALECTS, WHOLE, Reply, bridge

from labsupport.grading import Answer, Exercise, Value, expect, fail
from labsupport.provider import Gate
from labsupport.script import Fail, Finish, Reject, StopShort

exercise = Exercise(
    5,
    "Bridge a provider",
    answers=("create_app",),
    lesson="05_bridge_a_provider.ipynb",
)

LOOK, LIBRARIES = "Look at the same answer three times", "Read it with the vendors' own libraries"
SIX, FORWARD = "Translate into six events", "Forward at once, or fill a tray first"
BREAK, CURE = "Break the provider", "Build the bridge that tells"
"""Headings of the lesson."""

PREFIX = {"openai": "chatcmpl-", "anthropic": "msg_"}
"""How the ids of the two vendors begin."""


def translated(answer: Answer, dialect: str) -> None:
    """Fail unless an answer in this dialect comes as `start` and its tokens, whatever follows."""
    with bridge(answer, "Hot", " soup", " today") as here:
        reply = here.order(dialect)
    name, fields = reply.said[0]
    if name != "start" or not str(fields.get("id", "")).startswith(PREFIX[dialect]):
        fail(
            f"start first, with the provider's id ({PREFIX[dialect]}...)",
            f"{name} with {fields}",
            fed=reply.fed,
            next="The provider says its id in the first event of its stream; wait for that one.",
            cause="start",
        )
    expect(fields.get("model"), "soup-1", fed="the model in start", next="Ask for it by name.")
    expect(
        reply.texts,
        ["Hot", " soup", " today"],
        fed=reply.fed,
        next="One token event for each piece of text, as it came, with its spaces: "
        '{"text": " soup"}.',
        cause="tokens",
    )


@exercise.check("translates OpenAI's stream", points=1, section=SIX)
def openai(answer: Answer, random: Random) -> None:
    translated(answer, "openai")


@exercise.check("translates Anthropic's stream", points=1, section=SIX)
def anthropic(answer: Answer, random: Random) -> None:
    translated(answer, "anthropic")


BOTH = ("openai", "anthropic")


@exercise.check("brings a token with a line break whole", points=0.5, needs=BOTH, section=LOOK)
def whole(answer: Answer, random: Random) -> None:
    said = ["Hot:\n\n", '- "soup"\n', "- tea"]
    with bridge(answer, *said) as here:
        for reply in map(here.order, DIALECTS):
            expect(
                reply.texts,
                said,
                fed=reply.fed,
                next="A line break ends a field of an event. Let json.dumps write the data: in "
                "JSON a line break is \\n, two characters.",
                cause="line break",
            )


@exercise.check(
    "relays each token before the next is made", points=1.5, needs=BOTH, section=FORWARD
)  # fmt: skip
def at_once(answer: Answer, random: Random) -> None:
    for dialect in DIALECTS:
        with bridge(answer, *"soup!", gate=Gate()) as here:
            reply = here.order(dialect)
        if reply.come < 5:
            fail(
                "5 tokens, each with the guest before the provider makes the next",
                f"{reply.come} of 5, and then silence",
                fed=f"{dialect}, a provider that waits until you have relayed its last token",
                next="Do not gather what comes, in a list or a text. Yield each token when it is "
                "there, from the generator that StreamingResponse reads.",
                cause="collects",
            )


@exercise.check("ends once, with done and its reason", points=0.5, needs=BOTH, section=SIX)
def one_ending(answer: Answer, random: Random) -> None:
    for end, reason in ((Finish(), "stop"), (Finish("length"), "length")):
        with bridge(answer, "Hot", " soup", end) as here:
            for reply in map(here.order, DIALECTS):
                names = [name for name, _ in reply.said]
                ends = [name for name in names if name in ("done", "failed")]
                if ends != ["done"] or names[-1] != "done":
                    fail(
                        "done, once, and nothing after it",
                        f"{' '.join(names)}, {reply.capture.ending}",
                        fed=reply.fed,
                        next="Two places in your code may each believe to be the last. Hold done "
                        "back until the provider's stream is over, then send it in one place.",
                        cause="endings",
                    )
                expect(
                    reply.of("done").get("reason"),
                    reason,
                    fed=reply.fed,
                    next="OpenAI says stop or length, Anthropic end_turn or max_tokens.",
                    cause="reason",
                )


@exercise.check("says before done what the answer cost", points=1, needs=BOTH, section=LIBRARIES)
def usage(answer: Answer, random: Random) -> None:
    said = ["Hot", " soup", " is", " ready", "."]
    with bridge(answer, *said) as here:
        for dialect in DIALECTS:
            counted(here.order(dialect), 3, len(said))


def counted(reply: Reply, put_in: int, put_out: int) -> None:
    """Fail unless usage comes once, before the ending, with these numbers."""
    reply.fits(
        WHOLE,
        "start, the tokens, usage, done",
        "OpenAI counts after its finish_reason, if the request asks for it with stream_options. "
        "Read on to the end of the stream, and hold done back until then.",
        "no usage",
    )
    bill = reply.of("usage")
    expect(
        {name: bill.get(name) for name in ("input", "output")},
        {"input": put_in, "output": put_out},
        fed=reply.fed,
        next="Anthropic says its usage more than once, and each is the whole count so far: "
        "overwrite, never add.",
        cause="usage",
    )


@exercise.check(
    "does not take half an answer for a whole one", points=1, needs=BOTH, section=BREAK
)  # fmt: skip
def truncated(answer: Answer, random: Random) -> None:
    with bridge(answer, "Hot", " soup", StopShort()) as here:
        for reply in map(here.order, DIALECTS):
            reply.fits(
                BROKEN,
                "start, two tokens, and failed",
                "This stream ends properly, and without the dialect's own ending: [DONE] or a "
                "finish_reason, message_stop. No library looks for it, so you must.",
                "truncated",
            )


@exercise.check("tells of the provider's error", points=0.5, needs=("truncated",), section=BREAK)
def reported(answer: Answer, random: Random) -> None:
    with bridge(answer, "Hot", " soup", Fail()) as here:
        for reply in map(here.order, DIALECTS):
            reply.fits(
                BROKEN,
                "start, two tokens, and failed",
                "OpenAI sends an object `error` in data, Anthropic an event called error; the "
                "vendors' libraries raise. Whatever your generator catches must become failed.",
                "error",
            )
            expect(reply.texts, ["Hot", " soup"], fed=reply.fed, next="Keep what has come.")
            said = reply.of("failed").get("message")
            if not (isinstance(said, str) and said.strip()):
                fail("a message", Value(said), fed=reply.fed, next='{"message": "..."} in failed.')


@exercise.check("hands on a 429, and when to come again", points=0.5, needs=BOTH, section=CURE)
def refused(answer: Answer, random: Random) -> None:
    with bridge(answer, Reject(429, retry_after=7, times=math.inf), "Hot") as here:
        for reply in map(here.order, DIALECTS):
            if reply.status is None:
                fail(
                    "an answer at once",
                    "none",
                    fed=reply.fed,
                    next="The guest can see a clock: let him wait, not your app. The vendors' "
                    "libraries try again by themselves unless you say max_retries=0.",
                    cause="tries again",
                )
            expect(
                (reply.status, reply.capture.headers.get("retry-after", "no Retry-After")),
                (429, "7"),
                fed=reply.fed,
                next="Open the provider's stream before you return the response: as long as "
                "nothing is sent, raise HTTPException(429, ..., headers={'Retry-After': ...}).",
                cause="refused",
            )
