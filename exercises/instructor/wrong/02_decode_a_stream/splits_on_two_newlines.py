"""Splits on two newlines only.

fails: line_ends
"""

from labsupport import Event


def decode(chunks):
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        while b"\n\n" in buffer:
            block, buffer = buffer.split(b"\n\n", 1)
            name, ident, data = "message", "", []
            for line in block.decode().split("\n"):
                if line.startswith("data: "):
                    data.append(line[6:])
                elif line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("id: "):
                    ident = line[4:]
            yield Event("\n".join(data), name, ident)
