"""Servers made of plain sockets, for answers that no real server would give."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from labsupport._reset import reset_when_closed

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
UNTIL_CLOSE = HEAD + b"\r\n"

GENEROUS = 20.0
"""Seconds after which a test that waits has failed; no test is meant to come near it."""


def framed(data: bytes) -> bytes:
    """`data` as one chunk of the chunked transfer coding."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class Peer:
    """The server's end of one connection, after it has read the request."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.request = connection, b""
        connection.settimeout(GENEROUS)

    def read_request(self) -> None:
        while b"\r\n\r\n" not in self.request:
            self.request += self._receive()
        head, _, body = self.request.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line[15:]):
                    body += self._receive()
        self.request = head + b"\r\n\r\n" + body

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def reset(self) -> None:
        """Close with a TCP RST."""
        reset_when_closed(self.connection)
        self.connection.close()

    def wait_closed(self) -> str:
        """How the other side left: `close` or `reset`."""
        try:
            while self.connection.recv(65536):
                pass
        except ConnectionError:
            return "reset"
        return "close"

    def _receive(self) -> bytes:
        data = self.connection.recv(65536)
        if not data:
            raise ConnectionError("the client left before its request was whole")
        return data


@contextmanager
def raw_server(play: Callable[[Peer], object], *, read: bool = True) -> Iterator[str]:
    """Serve each connection, in a thread, by `play(peer)`, then close it; gives the URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    peers: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def talk(peer: Peer) -> None:
        with peer.connection, suppress(OSError):
            if read:
                peer.read_request()
            play(peer)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            if over.is_set():
                connection.close()
                return
            peers.append(connection)
            threads.append(threading.Thread(target=talk, args=[Peer(connection)], daemon=True))
            threads[-1].start()

    over = threading.Event()
    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        over.set()
        socket.create_connection(listener.getsockname(), GENEROUS).close()  # wakes accept()
        accepting.join(GENEROUS)
        listener.close()
        for connection in peers:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # wakes a thread that reads
        for thread in threads:
            thread.join(GENEROUS)


def closed_port() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
