"""Makes an event of each data line, without waiting for the blank line.

fails: fields
"""

from labsupport import Event


def decode(chunks):
    buffer = b""
    for chunk in chunks:
        buffer += chunk
        *lines, buffer = buffer.split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                yield Event(line[6:].decode())
