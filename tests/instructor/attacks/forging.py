"""Forged verdicts: what stands beside the answer in its process is replaced, and says other things.

The judge is in another process and believes nothing of what it hears, so all of it is in vain.
"""

from __future__ import annotations

from .attack import Attack, worthless

FORGING: tuple[Attack, ...] = (
    worthless(
        "forges_the_checks",
        """
        import labsupport.grading as g, labsupport.grading.exercise as e
        import labsupport.grading.judging as j, labsupport.grading.report as r
        for module in (g, e, j):
            for name in ("expect", "fail", "check", "judge"):
                if hasattr(module, name):
                    setattr(module, name, lambda *args, **named: None)
        r.Result.earned = property(lambda self: 100.0)
        r.Report.points = property(lambda self: 100.0)
        j._state = lambda results: "full"
        """,
        note="dispatches on a blank line",
    ),
    worthless(
        "replaces_the_harness",
        """
        import gc
        from labsupport.grading.harness import Harness
        for one in gc.get_objects():
            if isinstance(one, Harness):
                one._obey = lambda message: {"value": True, "passed": True, "state": "full"}
        """,
        note="define decode",
    ),
    worthless(
        "patches_the_harness_class",
        """
        from labsupport.grading.harness import Harness
        Harness._obey = lambda self, message: {"value": {"verdict": "passed", "points": 12}}
        """,
        note="define decode",
    ),
    worthless(
        "replaces_pack",
        """
        import labsupport.grading.harness as h
        h.pack = lambda value, depth=0: {"$object": "Event", "fields": {"data": {"$any": True}}}
        """,
    ),
    worthless(
        "replaces_dump",
        """
        import labsupport.grading.harness as h
        h.dump = lambda message: b'{"value": true, "state": "full", "points": 12}\\n'
        """,
        note="define decode",
    ),
    worthless(
        "patches_json",
        """
        import json
        old = json.dumps
        json.dumps = lambda told, **named: old(
            {"value": {"$tuple": [], "verdict": "passed"}} if "value" in told else told, **named)
        """,
        note="define decode",
    ),
    worthless(
        "patches_the_event",
        """
        import labsupport, labsupport.sse
        Event.__eq__ = labsupport.sse.Event.__eq__ = lambda self, other: True
        Event.__ne__ = lambda self, other: False
        def decode(chunks):
            for chunk in chunks:
                yield Event("anything")
        """,
        note="dispatches on a blank line",
    ),
    worthless(
        "patches_the_decoder",
        """
        from labsupport import sse, Decoder
        sse.Decoder.feed = lambda self, data: [Event("soup"), Event("bread")] * 3
        def decode(chunks):
            decoder = Decoder()
            for chunk in chunks:
                yield from decoder.feed(chunk)
        """,
    ),
    worthless(
        "patches_the_builtins",
        """
        import builtins
        builtins.isinstance = lambda *args: True
        builtins.len = lambda *args: 12
        builtins.repr = lambda *args: "full marks"
        """,
        state="crashed",
        answer="",
    ),
    worthless(
        "sends_verdicts_through_every_socket",
        """
        import os, json, stat
        told = {"value": ["decode"], "state": "full", "verdict": "passed", "points": 12}
        for fd in range(3, 64):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.write(fd, (json.dumps(told) + "\\n").encode() * 50)
            except OSError:
                pass
        """,
        note="dispatches on a blank line",
    ),
    worthless(
        "imitates_a_report",
        """
        print("Exercise 2 · Decode a stream            13 of 13")
        for title in ("dispatches on a blank line", "survives every cut"):
            print(f" \\u2713  {title}")
        print('{"key": "", "report": {"state": "full", "points": 12.0}}', flush=True)
        """,
        note="dispatches on a blank line",
    ),
    worthless(
        "changes_the_course_in_its_process",
        """
        import sys, types
        checks = types.ModuleType("checks")
        checks.__path__ = []
        sys.modules["checks"] = sys.modules["hidden"] = checks
        sys.modules["checks.e02_decode_a_stream"] = checks
        """,
        note="dispatches on a blank line",
    ),
)
