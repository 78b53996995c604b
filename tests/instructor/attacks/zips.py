"""Archives that write elsewhere, never end, or are broken."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from scratch_course import NAME, RIGHT, answer, notebook

from .attack import MOST, Attack

GOOD = (f"{NAME}.ipynb", notebook([answer(RIGHT)]))
Entry = tuple[str | zipfile.ZipInfo, bytes]


def packed(*entries: Entry) -> bytes:
    """A zip of these entries."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data)
    return held.getvalue()


def archive(
    name: str, data: bytes | Callable[[], bytes], note: str, *, full: bool = False
) -> Attack:
    """A zip in the student's folder."""

    def write(folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / f"{NAME}.zip").write_bytes(data if isinstance(data, bytes) else data())

    return Attack(name, "full" if full else "unreadable", MOST if full else 0.0, note, write=write)


def link(name: str, to: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.create_system = 3
    made.external_attr = (stat.S_IFLNK | 0o777) << 16
    return made


def named(name: str) -> zipfile.ZipInfo:
    """An entry whose name ZipInfo would have mended."""
    made = zipfile.ZipInfo("x")
    made.filename = name
    return made


def bomb() -> bytes:
    """120 MB of zeros in 120 kB."""
    return packed(GOOD, (f"more/{NAME}.ipynb", b"\0" * 120_000_000))


def liar() -> bytes:
    """A bomb that says it is small."""
    data = bytearray(packed(("x.ipynb", b"\0" * 120_000_000)))
    size = (120_000_000).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (100).to_bytes(4, "little")
    return bytes(data)


def broken() -> bytes:
    """Deflated data that is none."""
    whole = packed(GOOD)
    inside = zlib.compress(GOOD[1])[2:12]
    return whole.replace(inside, b"\xff" * len(inside)) if inside in whole else whole[:200]


def encrypted() -> bytes:
    data = bytearray(packed(GOOD))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + at] |= 1
    return bytes(data)


ZIPS: tuple[Attack, ...] = (
    archive("zip_good", packed(GOOD), "", full=True),
    archive("zip_in_folders", packed((f"a/b/{GOOD[0]}", GOOD[1])), "", full=True),
    archive("zip_slips", packed(GOOD, ("../../evil.ipynb", b"x")), "leads outside"),
    archive(
        "zip_slips_on_windows", packed(GOOD, (named("..\\..\\evil.ipynb"), b"x")), "leads outside"
    ),
    archive("zip_names_a_drive", packed(GOOD, (named("C:\\evil.ipynb"), b"x")), "leads outside"),
    archive("zip_begins_at_the_root", packed((named("/evil.ipynb"), b"x")), "leads outside"),
    archive("zip_names_nothing", packed(GOOD, (named("."), b"x")), "leads outside"),
    archive("zip_has_a_link", packed((link(GOOD[0], "x"), b"/etc/passwd")), "a link"),
    archive("zip_bomb", bomb, "more than 500 files or 100 MB"),
    archive("zip_bomb_that_lies", liar, "cannot be unpacked"),
    archive("zip_of_many", packed(*((f"{n}.ipynb", b"") for n in range(501))), "more than 500"),
    archive("zip_of_deep_folders", packed(("a/" * 300 + "x.ipynb", b"")), "leads outside"),
    archive("zip_of_a_long_name", packed(("a" * 300 + ".ipynb", b"")), "cannot be unpacked"),
    archive(
        "zip_a_file_and_below_it", packed(("a", b""), ("a/b.ipynb", b"")), "cannot be unpacked"
    ),
    archive("zip_broken", broken, "cannot be unpacked"),
    archive("zip_cut", packed(GOOD)[:-30], "cannot be unpacked"),
    archive("zip_encrypted", encrypted, "cannot be unpacked"),
    archive("zip_empty", b"", "cannot be unpacked"),
    archive("zip_of_a_zip", packed(("in.zip", packed(GOOD))), "without a notebook"),
)
