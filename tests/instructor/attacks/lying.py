"""Values that lie: about being equal, about what they are, about how they look."""

from __future__ import annotations

from .attack import Attack, worthless


def gives(name: str, source: str, note: str = "") -> Attack:
    """An answer that gives `lie(chunk)` for each chunk."""
    tail = "\ndef decode(chunks):\n    for chunk in chunks:\n        yield lie(chunk)\n"
    made = worthless(name, source, note=note, answer="")
    return Attack(made.name, made.state, note=note, source=made.source + tail)


LYING: tuple[Attack, ...] = (
    gives(
        "equals_everything",
        """
        class Lie:
            data = event = id = "x"
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 0
        lie = lambda chunk: Lie()
        """,
        note="dispatches on a blank line",
    ),
    gives(
        "a_text_that_equals_everything",
        """
        class Text(str):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __hash__ = str.__hash__
        lie = lambda chunk: Event(Text("x"), Text("message"), Text(""))
        """,
    ),
    gives(
        "a_number_that_equals_everything",
        """
        class Number(int):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            __hash__ = int.__hash__
        lie = lambda chunk: Event(Number(1))
        """,
    ),
    gives(
        "a_repr_that_lies",
        """
        class Lie:
            def __repr__(self): return "[Event(data='soup'), Event(data='bread')]"
        lie = lambda chunk: Lie()
        """,
        note="dispatches on a blank line",
    ),
    gives(
        "has_every_attribute",
        """
        class Lie:
            def __getattr__(self, name): return self
            def __call__(self, *args, **named): return self
            def __str__(self): return "soup"
        lie = lambda chunk: Lie()
        """,
    ),
    gives(
        "a_model_that_changes",
        """
        class Model:
            count = 0
            def model_dump(self):
                Model.count += 1
                return {"data": ["soup", "bread"][Model.count % 2], "event": {}, "id": []}
        lie = lambda chunk: Model()
        """,
    ),
    gives(
        "fields_of_the_judges_own",
        """
        import dataclasses
        @dataclasses.dataclass
        class Event:
            data: object; event: object; id: object
        lie = lambda chunk: Event({"$any": 1}, {"$feed": 0}, {"$bytes": "AA=="})
        """,
    ),
    gives(
        "raises_when_looked_at",
        """
        class Trap:
            def __getattribute__(self, name): raise SystemExit(name)
            def __repr__(self): raise KeyboardInterrupt
        lie = lambda chunk: Trap()
        """,
    ),
    gives(
        "contains_itself",
        """
        loop = []
        loop.append(loop)
        lie = lambda chunk: Event(loop)
        """,
    ),
    gives("a_lone_surrogate", 'lie = lambda chunk: Event("\\ud800" + "\\x1b[2J")'),
    gives("too_large_a_number", "lie = lambda chunk: Event(10 ** 4000)"),
    gives("no_number", 'lie = lambda chunk: Event(float("nan"), float("inf"), -0.0)'),
)
