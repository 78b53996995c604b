"""A plain socket, HTTP/1.0 so that there is no chunked coding, and every line by hand."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit


class Refused(Exception):
    pass


@dataclass
class Follower:
    url: str
    tokens: list[str] = field(default_factory=list)
    last_id: str = ""
    retry: float = 3.0
    over: bool = False

    async def visit(self):
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            said = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
            writer.write(
                f"GET {where.path} HTTP/1.0\r\nHost: {where.netloc}\r\n{said}\r\n".encode()
            )
            self.check((await reader.readuntil(b"\r\n\r\n")).decode().lower())
            if not self.over:
                await self.read(reader)
        finally:
            writer.close()

    def check(self, head):
        status, _, fields = head.partition("\r\n")
        if status.split()[1] == "204":
            self.over = True
        elif status.split()[1] != "200":
            raise Refused(status)
        elif "\r\ncontent-type: text/event-stream" not in "\r\n" + fields:
            raise Refused(head)

    async def read(self, reader):
        name, data, event_id = "", [], self.last_id
        while not self.over and (line := await reader.readline()).endswith(b"\n"):
            key, _, value = line.decode(errors="replace").rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if key == "data":
                data.append(value)
            elif key == "event":
                name = value
            elif key == "id":
                event_id = value
            elif key == "retry" and value.isdecimal():
                self.retry = int(value) / 1000
            elif not line.strip(b"\r\n"):
                self.last_id = event_id
                self.over = name == "done"
                if name == "token" and data:
                    self.tokens.append("\n".join(data))
                name, data = "", []


async def follow(url):
    follower = Follower(url)
    while not follower.over:
        try:
            await follower.visit()
        except (OSError, asyncio.IncompleteReadError):
            pass
        if not follower.over:
            await asyncio.sleep(follower.retry)
    return follower.tokens
