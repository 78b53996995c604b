"""A client made of a plain socket, for requests and ways of leaving that no library has."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from sockets import GENEROUS

from labsupport._reset import reset_when_closed


@contextmanager
def connected(url: str, request: bytes) -> Iterator[socket.socket]:
    """Connect to the URL's host, send the bytes, give the socket; its reads have a deadline."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.settimeout(GENEROUS)
        connection.sendall(request)
        yield connection


def posted(path: str, order: object) -> bytes:
    """A POST request with `order` as JSON."""
    body = json.dumps(order).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n%b" % (len(body), body)


def reset_by(connection: socket.socket) -> None:
    """Leave with a TCP RST."""
    reset_when_closed(connection)
    connection.close()


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    """Everything up to the read that brings `mark`."""
    got = b""
    while mark not in got:
        data = connection.recv(65536)
        assert data, f"closed before {mark!r} came: {got!r}"
        got += data
    return got


def ask(url: str, request: bytes) -> bytes:
    """The whole raw answer to the raw request."""
    with connected(url, request) as connection:
        return read_all(connection)
