"""Exercise 3, the hidden checks: more guests than one."""

from __future__ import annotations

from random import Random

from checks.e03_serve_three_events import early, guests

from labsupport.grading import Answer, Checks, fail

checks = Checks()


@checks.check("serves two guests side by side", points=1, section="Choose `async def` or `def`")
def side_by_side(answer: Answer, random: Random) -> None:
    for _ in range(3):
        with answer.served("app") as url:
            if early(guests(url, 2)):
                return
    fail(
        "both guests' first events before either is half served",
        "one guest after the other",
        next="time.sleep stops the whole kitchen: await asyncio.sleep instead.",
        cause="blocks",
    )
