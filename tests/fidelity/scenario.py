"""What was asked of each program: the upstream's stream, and what the client does.

The names are those of the recordings: A default, B with `X-Accel-Buffering: no`, D compressed,
F the client leaves after 225 ms (s: while the upstream is silent), G a timeout, H the upstream
dies, I framing and HTTP versions, T one chunk dribbled.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Times in ms for `gap` and `leave_ms`, in seconds for the rest.

    Arguments:
        n, gap, size: so many tokens, one every so many ms, of so many bytes.
        ct, cc, ce, xab, gz: Content-Type, Cache-Control, Content-Encoding, X-Accel-Buffering: no,
            and an upstream that compresses by itself.
        clen, close: a Content-Length, or an answer that ends by closing.
        die_after, die: after so many tokens, by `fin` or `rst`.
        hdr_delay, first_delay: seconds before the head, and between head and first token.
        silent_after, silent_s, hb: a silence after so many tokens, with a comment each second.
        drip: one chunk of the chunked coding, written token by token.
        gzip, http10, mss, clients: what the client asks for, its version and segment size, and how
            many there are at once.
        leave, leave_ms: `fin`, `rst` or `half`, and when.
        leave_after: leave as soon as so many tokens were seen, if that is before `leave_ms`.
        settle: seconds that the upstream is watched after that.
    """

    n: int = 20
    gap: float = 50
    size: int = 30
    ct: str = "text/event-stream"
    cc: str = ""
    ce: str = ""
    xab: bool = False
    gz: bool = False
    clen: bool = False
    close: bool = False
    die_after: int | None = None
    die: str = ""
    hdr_delay: float = 0
    first_delay: float = 0
    silent_after: int | None = None
    silent_s: float = 0
    hb: bool = False
    drip: bool = False
    gzip: bool = False
    http10: bool = False
    mss: int = 0
    clients: int = 1
    leave: str = ""
    leave_ms: float = 225
    leave_after: int = 0
    settle: float = 0


KNOWN = {field.name for field in fields(Scenario)}


def scenario(name: str, params: dict[str, Any], opts: dict[str, Any]) -> Scenario:
    """The scenario of a recording."""
    renamed = {"gz": "gzip"}
    given = {**params, **{renamed.get(key, key): value for key, value in opts.items()}}
    for flag in ("xab", "gz", "clen", "close", "hb"):
        if flag in given:
            given[flag] = bool(given[flag])
    given["drip"] = name == "T-drip"
    given["clients"] = 3 if "conc3" in name else 1
    return Scenario(**{key: value for key, value in given.items() if key in KNOWN})
