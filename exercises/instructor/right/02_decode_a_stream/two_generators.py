"""One generator makes lines, with an incremental UTF-8 decoder; another makes events of them."""

import codecs
from collections.abc import Iterable, Iterator

from labsupport import Event


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    utf8 = codecs.getincrementaldecoder("utf-8")("replace")
    text, begun, swallow = "", False, False
    for chunk in chunks:
        more = utf8.decode(chunk)
        if not begun and more:
            more, begun = more.removeprefix("\ufeff"), True
        if swallow and more:
            more, swallow = more.removeprefix("\n"), False
        swallow = swallow or more.endswith("\r")
        text += more
        *whole, text = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        yield from whole


def decode(chunks: Iterable[bytes]) -> Iterator[Event]:
    last_id, block = "", []
    for line in lines(chunks):
        if line:
            name, _, value = line.partition(":")
            block.append((name, value.removeprefix(" ")))
            continue
        fields = dict(block)
        data = [value for name, value in block if name == "data"]
        ids = [value for name, value in block if name == "id" and "\0" not in value]
        last_id = ids[-1] if ids else last_id
        block = []
        if data:
            yield Event("\n".join(data), fields.get("event") or "message", last_id)
