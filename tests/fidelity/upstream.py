"""The upstream of the recordings: uvicorn's heads to the byte, tokens by the loop's clock."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import suppress

from labsupport._reset import reset_when_closed

from .scenario import Scenario

DRIFT = 20e-6
"""Seconds that a real sleep takes too long, at least."""

ALPHABET = b"abcdefghijklmnopqrstuvwxyz0123456789"


class Upstream:
    """Serves one scenario to whoever connects.

    Arguments:
        kind: `h11` or `httptools` (uvicorn's two, which answer HTTP/1.0 by closing or in chunks),
            or `raw`.

    `sent` has the loop's time of each token, one list a connection; `told` the time at which each
    connection learned that it is over, or None.
    """

    def __init__(self, scenario: Scenario, kind: str) -> None:
        self.scenario, self.kind = scenario, kind
        self.sent: list[list[float]] = []
        self.told: list[float | None] = []

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes = b""
    ) -> None:
        """One connection; `asked` is the request's head, if it has been read."""
        number = len(self.sent)
        self.sent.append([])
        self.told.append(None)
        talking: asyncio.Task[None] | None = None
        try:
            asked = asked or await reader.readuntil(b"\r\n\r\n")
            old = b" HTTP/1.0\r\n" in asked
            talking = asyncio.create_task(self._talk(writer, old, self.sent[number]))
            with suppress(OSError):
                while await reader.read(65536):
                    pass
            self.told[number] = asyncio.get_running_loop().time()
        except (OSError, asyncio.IncompleteReadError):
            pass  # it left before it asked
        finally:
            writer.transport.abort()
            if talking:
                talking.cancel()
                await asyncio.wait({talking})

    async def _talk(self, writer: asyncio.StreamWriter, old: bool, sent: list[float]) -> None:
        s, loop = self.scenario, asyncio.get_running_loop()
        await asyncio.sleep(s.hdr_delay)
        chunked = not (s.clen or s.close or (old and self.kind != "httptools"))
        writer.write(self._head(chunked))
        if s.drip:
            writer.write(b"%x\r\n" % (s.n * s.size))
        packer = zlib.compressobj(6, zlib.DEFLATED, 31) if s.gz else None

        def send(data: bytes) -> None:
            if packer:
                data = packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
            framed = chunked and not s.drip
            writer.write(b"%x\r\n%b\r\n" % (len(data), data) if framed else data)

        if s.first_delay:
            await asyncio.sleep(s.first_delay)
        for number in range(s.n):
            if number == s.die_after:
                return await self._die(writer)
            if number == s.silent_after:
                await self._silence(send)
            send(token(number, s.size))
            sent.append(loop.time())
            if s.clen and number == s.n - 1:
                return writer.write_eof()
            await asyncio.sleep(s.gap / 1000 + DRIFT)
        if packer and (rest := packer.flush()):
            writer.write(b"%x\r\n%b\r\n" % (len(rest), rest) if chunked else rest)
        writer.write((b"\r\n" if s.drip else b"") + (b"0\r\n\r\n" if chunked else b""))
        writer.write_eof()

    async def _silence(self, send) -> None:  # type: ignore[no-untyped-def]
        s = self.scenario
        left = s.silent_s
        while s.hb and left > 1:
            await asyncio.sleep(1)
            send(b": hb\n\n")
            left -= 1
        await asyncio.sleep(left)

    async def _die(self, writer: asyncio.StreamWriter) -> None:
        if self.scenario.die == "rst":
            reset_when_closed(writer.get_extra_info("socket"))
            await asyncio.sleep(0)
        writer.close()

    def _head(self, chunked: bool) -> bytes:
        s = self.scenario
        lines = ["HTTP/1.1 200 OK"]
        if self.kind == "raw":
            lines.append(f"Content-Type: {s.ct}")
        else:
            lines += ["date: Sun, 22 Nov 2026 00:00:00 GMT", "server: uvicorn"]
            lines.append(f"content-type: {s.ct}; charset=utf-8")
        lines += ["X-Accel-Buffering: no"] if s.xab else []
        lines += [f"Cache-Control: {s.cc}"] if s.cc else []
        lines += [f"Content-Encoding: {s.ce}"] if s.ce else []
        lines += ["Content-Encoding: gzip"] if s.gz else []
        lines += [f"Content-Length: {s.n * s.size}"] if s.clen else []
        lines += ["Transfer-Encoding: chunked"] if chunked else []
        if self.kind == "raw":
            lines += [
                "Connection: close",
                "X-Pad: 234567",
            ]  # 86 bytes without a length, as measured
        elif not chunked:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def token(number: int, size: int) -> bytes:
    """An event of exactly `size` bytes, the same in every run: `data: ....\\n\\n`."""
    state, text = number * 2654435761 % 2**32 + 1, bytearray()
    while len(text) < size - 8:
        state = (state * 1664525 + 1013904223) % 2**32
        text.append(ALPHABET[(state >> 16) % 36])
    return b"data: " + bytes(text) + b"\n\n"
