"""Show a response byte by byte, with what each byte means.

Rule 1: nothing is dropped in silence; what is not drawn is counted.
Rule 2: the same bytes and times give the same text and the same HTML. With `reads=False` only
the bytes count, not how the network cut them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

from .anatomy import Begin, Row, anatomy
from .sse import Event
from .visible import MARK, SPACE, Unit, cells, dump, visible, whole_characters
from .wire import Capture

BYTES_SHOWN = 600
"""Most bytes of one row that are drawn."""
BYTES_WIDE, MEANING_WIDE = 40, 58  # columns of the text form
UNBRACKETED = ("head", "framing", "extra")


@dataclass(frozen=True)
class Explanation:
    """A response, annotated: left the bytes, right what they mean, grouped by event.

    Shown by a notebook as a table; `str()` gives the same as text. Made by `explain`.

    Arguments:
        rows: every byte of the response, in order. Their data joined is the response.
        decoded: the rows of the body after gzip or deflate was undone; empty without a coding.
        notes: sentences about the whole, such as how it ended.
        marks: whether to draw where reads began, and when.
        limit: most rows drawn; the others are counted.
    """

    rows: tuple[Row, ...]
    decoded: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    marks: bool = True
    limit: int = 200

    @property
    def events(self) -> list[Event]:
        """The events that the rows dispatch, in order."""
        return [row.dispatched for row in self.rows + self.decoded if row.dispatched]

    @property
    def summary(self) -> str:
        """How much this is, in words."""
        size = sum(len(row.data) for row in self.rows)
        said = f"{_count(size, 'byte')}, {_count(len(self.events), 'event')}"
        reads = sum(len(row.reads) for row in self.rows)
        return f"{said}, {_count(reads, 'read')}" if self.marks else said

    @property
    def legend(self) -> str:
        """What the signs among the bytes mean."""
        read = f"  {MARK} a read began" if self.marks else ""
        return f"␍ CR  ␊ LF  {SPACE} the one space taken off  ⟨ff⟩ bytes in hex{read}"

    def __str__(self) -> str:
        lines = list(_table(self.rows, self.marks, self.limit))
        if self.decoded:
            lines += ["", "The body with its content coding undone:", ""]
            lines += _table(self.decoded, self.marks, self.limit)
        return "\n".join([*lines, "", *self.notes, f"{self.summary}.", self.legend])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from .explain_html import page

        return page(self)


def explain(
    source: Capture | bytes | Sequence[bytes], *, reads: bool = True, limit: int = 200
) -> Explanation:
    """Account for every byte of a response: head, framing, lines, events, what was ignored.

    You read such bytes by hand in lesson 02; this draws the same for any response.

    Arguments:
        source: a `Capture`; or a body alone, as bytes or as a list of the pieces in which it came.
        reads: draw where each read began, and when. Two runs of the same stream are seldom cut
            alike, so leave this out where the output is compared.
        limit: most rows drawn; the others are counted, and stand in `.rows`.

    Raises `UsageError` for any other source. Follows RFC 9112 and HTML 9.2.5 and 9.2.6.

    >>> explain(b"data: hi\\n\\n")
    group      byte  bytes      meaning
    event 1  ┌    0  data:␣hi␊  field data: 'hi'
             │    9  ␊          blank line: dispatches event 1 (event 'message', data
             └                  'hi')
    <BLANKLINE>
    10 bytes, 1 event.
    ␍ CR  ␊ LF  ␣ the one space taken off  ⟨ff⟩ bytes in hex
    """
    found = anatomy(source)
    marks = reads and not isinstance(source, bytes)  # plain bytes were not read in pieces
    return Explanation(found.rows, found.decoded, found.notes, marks, limit)


def drawn(row: Row, marks: bool) -> Iterator[Unit]:
    """The bytes of a row as units, and a count of those that are too many to draw."""
    places = {begin.offset for begin in row.reads} if marks else set[int]()
    if row.layer == "coded":
        keep = min(len(row.data), BYTES_SHOWN // 4)
        yield from dump(row.data[:keep], marks=places)
    else:
        keep = whole_characters(row.data, BYTES_SHOWN)
        yield from visible(row.data[:keep], marks=places, stripped=row.stripped)
    if keep < len(row.data):
        yield Unit("more", f"… {_count(len(row.data) - keep, 'more byte')}")


def read_times(begins: Sequence[Begin]) -> str:
    """When the reads that began in a row came, such as `12 ms, 15 ms`."""
    said = [f"read {b.number}" if b.at is None else f"{b.at * 1000:.0f} ms" for b in begins]
    return ", ".join(said) if len(said) <= 3 else f"{said[0]} … {said[-1]} ({len(said)} reads)"


def groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """The rows, gathered into what they are part of."""
    for key, members in groupby(rows, key=lambda row: (row.group, row.block)):
        yield key[0], list(members)


def left_out(rows: Sequence[Row], limit: int) -> str:
    """How much the limit leaves out, in words; '' for nothing."""
    rest = rows[limit:]
    size = sum(len(row.data) for row in rest)
    return f"… {_count(len(rest), 'more row')}, {_count(size, 'byte')}" if rest else ""


def _count(count: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _table(rows: Sequence[Row], marks: bool, limit: int) -> Iterator[str]:
    """The lines of the text form. A time comes last on its line: its width moves nothing."""
    shown = rows[:limit]
    bytes_ = [list(_wrapped(drawn(row, marks), BYTES_WIDE)) for row in shown]
    label_wide = max([5, *(len(row.group) for row in shown)])
    place_wide = max([4, *(len(f"{row.start:,}") for row in shown)])
    bytes_wide = max([5, *(cells(line) for lines in bytes_ for line in lines)])
    yield f"{'group':{label_wide}}    {'byte':>{place_wide}}  {'bytes':{bytes_wide}}  meaning"
    next_bytes = iter(bytes_)
    for label, members in groups(shown):
        lines = list[tuple[str, str, str]]()
        for row in members:
            meaning = list(_wrapped(_words(row.meaning), MEANING_WIDE))
            if marks and row.reads:
                meaning[-1] += f"  {MARK} {read_times(row.reads)}"
            pairs = zip_longest(next(next_bytes), meaning, fillvalue="")
            lines += [(f"{row.start:,}" * (n == 0), *pair) for n, pair in enumerate(pairs)]
        for n, (place, data, said) in enumerate(lines):
            name = label if n == 0 else ""
            edge = " " if label in UNBRACKETED else _bracket(n, len(lines))
            pad = " " * (bytes_wide - cells(data))
            line = f"{name:{label_wide}}  {edge} {place:>{place_wide}}  {data}{pad}  {said}"
            yield line.rstrip()
    if rest := left_out(rows, limit):
        yield rest


def _bracket(line: int, lines: int) -> str:
    if lines == 1:
        return "╶"
    return "┌" if line == 0 else "└" if line == lines - 1 else "│"


def _words(text: str) -> Iterator[Unit]:
    """Text as units that wrap after a space; a long word wraps anywhere."""
    for word in re.findall(r"\S{1,24} ?| ", text):
        yield Unit("text", word)


def _wrapped(units: Iterable[Unit], width: int) -> Iterator[str]:
    """Units joined into lines of at most `width` columns."""
    line, used = "", 0
    for unit in units:
        wide = cells(unit.text)
        if line and used + wide > width:
            yield line
            line, used = "", 0
        line, used = line + unit.text, used + wide
    yield line
