"""Takes a CR at a chunk's end and the LF of the next for two line ends.

fails: line_ends
"""

from labsupport import Event


def decode(chunks):
    buffer, first = b"", True
    name, ident, data = "", "", []
    for chunk in chunks:
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
