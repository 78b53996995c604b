"""Unpack an archive that somebody else made: plain files, below a folder, and not too many.

Rule: nothing is written where a name in the archive leads out of the folder, whatever follows a
link, and what an entry says of its size is not believed.
"""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DEEPEST = 20
"""Folders in folders."""


@dataclass(frozen=True)
class Bounds:
    """The most that is unpacked from one archive: files, and bytes of all of them."""

    entries: int
    size: int


ONE, CLASS = Bounds(500, 100_000_000), Bounds(50_000, 4_000_000_000)
"""Of what one learner handed in, and of a whole class in a zip."""


def printable(name: str) -> str:
    r"""A file's name as a text that every book can hold: bytes that are no UTF-8 are spelt out.

    >>> printable("ren\udce9e"), printable("a\nb")
    ('ren\\xe9e', 'a\\nb')
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def unpack(archive: Path, to: Path, bounds: Bounds) -> Path:
    """Unpack `archive` into the new folder `to`, which is returned.

    Raises ValueError where an entry is not safe or there is too much, and whatever the formats
    inside a zip raise where they are broken.
    """
    to.mkdir(parents=True)
    if not archive.is_file():
        raise ValueError("it is no file")
    much = f"more than {bounds.entries:,} files or {bounds.size // 1_000_000:,} MB"
    with zipfile.ZipFile(archive) as packed:
        entries = [one for one in packed.infolist() if not one.is_dir()]
        left = bounds.size
        if len(entries) > bounds.entries or sum(one.file_size for one in entries) > left:
            raise ValueError(much)
        for one in entries:
            path = to.joinpath(*_parts(one))
            path.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(one) as source, path.open("wb") as target:
                while data := source.read(min(left + 1, 1 << 20)):  # its stated size may be a lie
                    left -= len(data)
                    if left < 0:
                        raise ValueError(much)
                    target.write(data)
    return to


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Where an entry goes, below the folder for it. Raises ValueError if it may go nowhere."""
    parts = PurePosixPath(entry.filename.replace("\\", "/")).parts
    leads_out = not parts or ".." in parts or parts[0] == "/" or ":" in parts[0]
    if stat.S_ISLNK(entry.external_attr >> 16) or leads_out or len(parts) > DEEPEST:
        raise ValueError(f"it has a link or leads outside: {entry.filename[:80]!r}")
    return parts


def why(error: Exception) -> str:
    """An error in a few words."""
    return printable(str(error)[:200] or type(error).__name__)
