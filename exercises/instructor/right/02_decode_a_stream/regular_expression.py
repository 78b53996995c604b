"""A class of its own, and a regular expression that finds line ends in a buffer."""

import re
from dataclasses import dataclass

LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass
class Event:
    data: str
    event: str
    id: str


def decode(chunks):
    buffer, blank_lf, at_start = b"", False, True
    data, event, last = [], "", ""
    for chunk in chunks:
        if blank_lf and chunk:
            chunk, blank_lf = chunk.removeprefix(b"\n"), False
        if chunk.endswith(b"\r"):
            blank_lf = True
        buffer += chunk
        while match := LINE_END.search(buffer):
            line = buffer[: match.start()].decode(errors="replace")
            buffer = buffer[match.end() :]
            if at_start:
                line, at_start = line.removeprefix("\ufeff"), False
            found = re.fullmatch(r"(data|event|id)(?:: ?(.*))?", line, re.DOTALL)
            if not line:
                if data:
                    yield Event("\n".join(data), event or "message", last)
                data, event = [], ""
            elif found and found[1] == "data":
                data.append(found[2] or "")
            elif found and found[1] == "event":
                event = found[2] or ""
            elif found and "\0" not in (found[2] or ""):
                last = found[2] or ""
