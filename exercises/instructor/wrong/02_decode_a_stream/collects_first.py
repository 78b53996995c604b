"""Reads the whole stream, then decodes it.

fails: while_it_comes
"""

from labsupport import Decoder


def decode(chunks):
    return Decoder().feed(b"".join(chunks))
