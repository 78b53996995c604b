"""Decodes each chunk to text by itself: a cut inside a character breaks it.

fails: every_cut
"""

from labsupport import Event


def decode(chunks):
    buffer, after_cr, first = "", False, True
    name, ident, data = "", "", []
    for chunk in chunks:
        text = chunk.decode("utf-8", "replace")
        if after_cr:
            text = text.removeprefix("\n")
        after_cr = text.endswith("\r") or (after_cr and not text)
        buffer += text.replace("\r\n", "\n").replace("\r", "\n")
        while "\n" in buffer:
            line, buffer = buffer.split("\n", 1)
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
