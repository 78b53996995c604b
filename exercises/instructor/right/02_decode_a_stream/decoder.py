"""The bench's own decoder."""

from labsupport import Decoder


def decode(chunks):
    decoder = Decoder()
    for chunk in chunks:
        yield from decoder.feed(chunk)
