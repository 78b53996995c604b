"""A state machine that looks at one byte at a time."""

from labsupport import Event


def decode(chunks):
    line, data, name, ident = bytearray(), [], "", ""
    after_cr, first = False, True
    for chunk in chunks:
        for byte in chunk:
            if byte == 10 and after_cr:
                after_cr = False
                continue
            after_cr = byte == 13
            if byte not in (10, 13):
                line.append(byte)
                continue
            text = bytes(line).decode("utf-8", "replace")
            line.clear()
            if first:
                text, first = text.removeprefix("\ufeff"), False
            if text:
                field, _, value = text.partition(":")
                value = value[1:] if value.startswith(" ") else value
                if field == "data":
                    data.append(value)
                elif field == "event":
                    name = value
                elif field == "id" and "\0" not in value:
                    ident = value
                continue
            if data:
                yield Event("\n".join(data), name or "message", ident)
            data, name = [], ""
