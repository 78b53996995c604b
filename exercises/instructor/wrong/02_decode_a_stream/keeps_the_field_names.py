"""Takes a whole block for the data, with the names of its fields in it.

fails: blank_line
"""

from labsupport import Event


def decode(chunks):
    buffer = ""
    for chunk in chunks:
        buffer += chunk.decode()
        *blocks, buffer = buffer.split("\n\n")
        for block in blocks:
            yield Event(block)
