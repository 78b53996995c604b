"""Which header fields an intermediary hands on, and where a request goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..errors import UsageError

# RFC 9110, 7.6.1: these belong to one connection, named by Connection or not.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)

Fields = list[tuple[bytes, bytes]]


def end_to_end(fields: Iterable[tuple[bytes, bytes]], *drop: bytes) -> Fields:
    """The fields that go further than one connection, in order.

    Arguments:
        fields: names in lower case, and values.
        drop: further names to leave out.
    """
    found = list(fields)
    named = b",".join(value for name, value in found if name == b"connection")
    gone = HOP_BY_HOP | {one.strip().lower() for one in named.split(b",")} | set(drop)
    return [(name, value) for name, value in found if name not in gone]


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go. `host` is the Host field's value, `base` the path they start with."""

    address: str
    port: int
    tls: bool
    host: bytes
    base: bytes

    @classmethod
    def of(cls, url: str) -> Target:
        """Take a URL apart. Raises `UsageError` for one that no request can be sent to."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            if not good or parts.query or parts.fragment or parts.username is not None:
                raise ValueError
            base, host = parts.path.encode("ascii"), parts.netloc.encode("ascii")
            if any(byte <= 32 or byte == 127 for byte in base + host):
                raise ValueError
        except (ValueError, TypeError, AttributeError):
            raise UsageError(
                expected="an upstream URL such as http://127.0.0.1:8000 or https://host/base",
                got=repr(url),
                next="Pass server.url; a query belongs to the requests, a port is 1 to 65535.",
            ) from None
        assert parts.hostname
        return cls(parts.hostname, port, parts.scheme == "https", host, base)

    def path(self, asked: bytes) -> bytes:
        """The request target to send for the one that was asked for.

        `/` alone means the base itself, so that a proxy can stand for one endpoint.
        """
        if asked.lower().startswith((b"http://", b"https://")):  # RFC 9112, 3.2.2: absolute form
            asked = b"/" + asked.split(b"//", 1)[1].partition(b"/")[2]
        if self.base.strip(b"/") == b"" or not asked.startswith(b"/"):  # `*` is of no path
            return asked
        if asked == b"/" or asked.startswith(b"/?"):
            return self.base + asked[1:]
        return self.base.rstrip(b"/") + asked
