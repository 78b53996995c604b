"""Keeps a CR at a chunk's end back until the next chunk shows whether LF follows.

fails: half
"""

from labsupport import Event


def decode(chunks):
    buffer, held, first = b"", b"", True
    name, ident, data = "", "", []
    for chunk in chunks:
        chunk, held = held + chunk, b""
        if chunk.endswith(b"\r"):
            chunk, held = chunk[:-1], b"\r"
        buffer += chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        while b"\n" in buffer:
            raw, buffer = buffer.split(b"\n", 1)
            line = raw.decode("utf-8", "replace")
            if first:
                line, first = line.removeprefix("\ufeff"), False
            if not line:
                if data:
                    yield Event("\n".join(data), name or "message", ident)
                name, data = "", []
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value
            elif field == "id":
                ident = value
