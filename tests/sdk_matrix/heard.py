"""What a client heard in one call, and the short words for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass
class Heard:
    """Filled while a client reads; `words` is what the table shows."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: dict[str, str] = field(default_factory=dict)
    cited: int = 0
    odd: list[str] = field(default_factory=list)
    end: str | None = None
    tokens: tuple[int, int] | None = None
    error: BaseException | None = None
    sleeps: bool = False

    def words(self, attempts: int = 1) -> str:
        """Such as `"Hello", stop, 2+2 tokens`."""
        said = [json.dumps(self.text, ensure_ascii=False)] if self.text else []
        said += [f"thinks {self.thought}"] if self.thought else []
        said += [f"refuses {self.refusal}"] if self.refusal else []
        said += [f"{name}({arguments})" for name, arguments in self.calls.items()]
        said += [f"{self.cited} cited"] if self.cited else []
        said += [f"odd {name}" for name in self.odd]
        said += [self.end] if self.end else []
        if self.sleeps:
            said.append("sleeps")
        elif self.error is not None:
            said.append(name_of(self.error))
        elif not self.end:
            said.append("silent" if said else "nothing, silent")
        said += [f"{self.tokens[0]}+{self.tokens[1]} tokens"] if self.tokens else []
        said += [f"{attempts} attempts"] if attempts != 1 else []
        return ", ".join(said)


def name_of(error: BaseException) -> str:
    """The class by library, what the error says of itself, and the transport's error behind it."""
    kind = type(error)
    home = kind.__module__.partition(".")[0]
    if home == "google":
        home = "genai"
    name = kind.__name__ if home == "builtins" else f"{home}.{kind.__name__}"
    own = []
    for attribute in ("status_code", "code", "type"):
        value = getattr(error, attribute, None)
        if isinstance(value, str | int) and str(value) not in own:
            own.append(str(value))
    if own:
        name += f" {'/'.join(own)}"
    if type(cause := error.__cause__).__module__.partition(".")[0] in ("httpx", "httpx2"):
        name += f" from {type(cause).__module__.partition('.')[0]}.{type(cause).__name__}"
    return name
