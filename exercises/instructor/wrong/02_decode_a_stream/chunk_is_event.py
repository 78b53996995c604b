"""Takes each chunk for whole events.

fails: unfinished
"""

from labsupport import Event


def decode(chunks):
    for chunk in chunks:
        for block in chunk.decode().split("\n\n"):
            if not block:
                continue
            name, ident, data = "message", "", []
            for line in block.split("\n"):
                field, _, value = line.partition(": ")
                if field == "data":
                    data.append(value)
                elif field == "event":
                    name = value
                elif field == "id":
                    ident = value
            yield Event("\n".join(data), name, ident)
