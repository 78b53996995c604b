"""The client of the recordings: a raw socket that notes what comes when, and leaves as told."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from labsupport._reset import reset_when_closed
from labsupport.wire import Chunk, ResponseParser, inflater

from .scenario import Scenario

IPV4 = socket.AF_INET


@dataclass
class Seen:
    """What one client saw. Times in ms since the request.

    `ended` is how the connection was ended: `fin`, `rst`, or `left` if by the client itself.
    `left` is the loop's time at which the client left, in seconds; 0 if it did not.
    """

    reads: list[Chunk] = field(default_factory=list)
    ended: str = ""
    at: float = 0.0
    left: float = 0.0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def parsed(self) -> tuple[ResponseParser, list[Chunk], list[Chunk]]:
        """The parser, the body chunks as they came, and as they decode."""
        parser, bodies = ResponseParser("GET"), []
        for read in self.reads:
            body = b"".join(span.data for span in parser.feed(read.data) if span.kind == "body")
            if body:
                bodies.append(Chunk(read.at, body))
        coding = _coding(parser)
        if coding != "gzip":
            return parser, bodies, bodies
        inflate = inflater(coding)
        texts = [Chunk(body.at, inflate(body.data)) for body in bodies]
        return parser, bodies, [text for text in texts if text.data]


def _coding(parser: ResponseParser) -> str:
    values = [value for name, value in parser.headers if name.lower() == b"content-encoding"]
    return values[0].decode() if values else "identity"


async def ask(port: int, s: Scenario, path: str = "/stream") -> Seen:
    """Send the scenario's request to 127.0.0.1 and see what happens."""
    loop, seen = asyncio.get_running_loop(), Seen()
    sock = socket.socket(IPV4)
    if s.mss:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, s.mss + 12)
    sock.setblocking(False)
    await loop.sock_connect(sock, ("127.0.0.1", port))
    version = "1.0" if s.http10 else "1.1"
    accept = "Accept-Encoding: gzip\r\n" if s.gzip else ""
    request = f"GET {path} HTTP/{version}\r\nHost: test\r\n{accept}\r\n"
    began = loop.time()
    await loop.sock_sendall(sock, request.encode())
    reading = asyncio.create_task(_read(sock, seen, began, s.leave_after))
    if s.leave:
        enough = asyncio.create_task(seen.enough.wait())
        once = asyncio.FIRST_COMPLETED
        await asyncio.wait({reading, enough}, timeout=s.leave_ms / 1000, return_when=once)
        enough.cancel()
        if not reading.done():
            seen.left = loop.time()
            if s.leave == "half":
                sock.shutdown(socket.SHUT_WR)
            else:
                reading.cancel()
                await asyncio.wait({reading})
                seen.ended, seen.at = "left", (loop.time() - began) * 1000
                if s.leave == "rst":
                    reset_when_closed(sock)
    with suppress(asyncio.CancelledError):
        await reading
    sock.close()
    return seen


async def _read(sock: socket.socket, seen: Seen, began: float, most: int) -> None:
    loop, parser = asyncio.get_running_loop(), ResponseParser("GET")
    seen.ended = "fin"
    try:
        while not parser.complete and (data := await loop.sock_recv(sock, 262144)):
            seen.reads.append(Chunk((loop.time() - began) * 1000, data))
            parser.feed(data)  # a program may keep the connection for another request
            if most and sum(read.data.count(b"data: ") for read in seen.reads) >= most:
                seen.enough.set()
    except ConnectionError:
        seen.ended = "rst"
    seen.at = (loop.time() - began) * 1000
