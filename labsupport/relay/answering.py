"""The answer's side of an exchange: the head, the body through faults and preset, the ending.

Rule 1: a chunk that comes out of the faults is written at once, as one chunk of HTTP.
Rule 2: what becomes of an answer that breaks off is in the `Plan`; without a preset it is
        truncated, whatever broke it (measured: no proxy passes a reset on as a reset).
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, ClassVar

import h11
from starlette.datastructures import Headers

from ..clock import Clock, LoopClock
from ..errors import LabError
from ..faults import Abort, Break, through
from ..presets.plan import Answer, Leave, Opening, Plan, Refusal
from ..wire import Chunk
from .asking import Asking
from .cache import Stored
from .cork import Cork
from .fields import end_to_end

if TYPE_CHECKING:
    from .exchange import Exchange

CLOSE = (b"connection", b"close")


class CutOff(Exception):
    """The proxy's own time for writing is over."""


class _Counted:
    """Between the preset and the faults after it: how many bytes the first chunk has.

    Of a body that was held, that is all of them.
    """

    conserves: ClassVar[bool] = True

    def __init__(self) -> None:
        self.first = 0

    async def apply(self, chunks: AsyncIterator[Chunk], _: Clock) -> AsyncIterator[Chunk]:
        """The same chunks."""
        async for chunk in chunks:
            self.first = self.first or len(chunk.data)
            yield chunk


class Answering:
    """Made for one request.

    `plan` is the plain one until the head is here. `mute` is True when nothing is to be written
    any more though the upstream is still read.
    """

    def __init__(self, exchange: Exchange, asking: Asking) -> None:
        self.exchange, self.asking, self.opening = exchange, asking, asking.opening
        self.client, self.route = exchange.client, exchange.route
        self.plan, self.planned = Plan(), False
        self.mute = self.head_out = False
        self._gone, self._late = "", False
        self._head: h11.Response | None = None
        self._counted = _Counted()
        self._left: int | None = None
        self._stored: Stored | None = None

    # The client that leaves

    def client_left(self, how: str) -> tuple[Leave, Opening | Plan]:
        """Note it, and say which manners hold now."""
        self._gone = how
        manners = self.plan if self.planned else self.opening
        return manners.leave, manners

    def _may_go_on(self) -> None:
        """Called for each chunk of the upstream: raise if we know now that the client is gone."""
        leave = self.plan.leave
        gone = self._gone and (self.plan.half_close or self._gone == "broken")
        corked = leave is Leave.AT_WRITE and self.client.cork and self.client.broken()
        if self._late or corked or (gone and leave is Leave.AT_NEXT_CHUNK):
            raise ConnectionAbortedError("the client left")

    # From the upstream to the client

    async def run(self) -> None:
        """Answer the request."""
        clock = LoopClock()
        try:
            head, size = await self.asking.head()
        except LabError as error:
            return await self.exchange.fail(502, error)
        except TimeoutError:
            return await self.exchange.refuse(self.asking.late(), "no head from the upstream")
        self._head = head
        self.exchange.status = head.status_code
        bare = self.asking.asked.method == "HEAD" or head.status_code in (204, 304)
        try:
            if not bare:
                self.plan = self.route.preset.plan(self.asking.asked, _answer(head, size))
            self.planned = True
            if self._gone and self.plan.leave is Leave.AT_ONCE and self.plan.half_close:
                raise ConnectionAbortedError("the client left")
            if self.plan.refuse:
                return await self.exchange.refuse(self.plan.refuse)
            if bare:
                self.exchange.tell("clean")
                await self._send_head(end_to_end(head.headers))
                return await self._send(h11.EndOfMessage())
            await self._body(clock)
        except Break as broken:
            await self._broken(broken)
        except CutOff:
            self.exchange.tell("truncated: the time for writing is over")
        except ConnectionError:
            self.exchange.tell("the client left")
        except Exception:
            self.exchange.tell(f"truncated: a fault failed\n{traceback.format_exc()}")
        finally:
            if self._stored and not self._stored.whole:
                self._stored.end(whole=False)

    async def _body(self, clock: LoopClock) -> None:
        plan = self.plan
        if plan.cork is not None:
            self.client.cork = Cork(self.client.writer, plan.cork, self.route.turns)
        if plan.head == "now":
            await self._out()
        source = self._watched(self.asking.upstream.chunks(clock, plan, self.asking.until))
        before, after = self.route.before, self.route.after
        faults = (*before, *plan.pieces, self._counted, *after)
        async with through(faults, source, clock) as chunks:
            async for chunk in chunks:
                if chunk.data:
                    await self._out()
                    await self._one(chunk.data)
        await self._end()

    async def _watched(self, chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
        async for chunk in chunks:
            self._may_go_on()
            yield chunk

    async def _out(self) -> None:
        """Send the head, if it has not gone out."""
        if self.head_out:
            return
        assert self._head
        plan = self.plan
        faults = [*self.route.before, *plan.pieces, *self.route.after]
        kept = all(getattr(fault, "conserves", False) for fault in faults)
        drop = [name.encode() for name in plan.drop]
        fields = end_to_end(self._head.headers, *drop, *(() if kept else (b"content-length",)))
        fields += [(name.encode(), value.encode()) for name, value in plan.add]
        if plan.measures and self._counted.first <= plan.measures:
            fields = end_to_end(fields, b"content-length")
            fields.append((b"content-length", b"%d" % self._counted.first))
        if plan.framing == "mirror" and _framing(self._head) == "until close":
            self.client.http.their_http_version = b"1.0"  # so that h11 ends it by closing
        if plan.store != "no":
            stored = h11.Response(
                status_code=self._head.status_code, reason=self._head.reason, headers=fields
            )
            self._stored = self.route.cache.begin(self.asking.key, stored)
        self._left = next((int(v) for name, v in fields if name == b"content-length"), None)
        await self._send_head(fields)

    async def _send_head(self, fields: list[tuple[bytes, bytes]]) -> None:
        assert self._head
        self.head_out = True
        code, reason = self._head.status_code, self._head.reason
        head = h11.Response(status_code=code, reason=reason, headers=[*fields, CLOSE])
        await self._send(head)

    async def _one(self, data: bytes) -> None:
        if self._stored and not self.route.cache.full():
            self._stored.add(data)
        self.exchange.chunks += 1
        self.exchange.bytes += len(data)
        if self._left is not None:
            self._left -= len(data)
            if self._left == 0:
                self.exchange.tell("clean")  # with these bytes the client has all of it
        await self._send(h11.Data(data=data))

    async def _end(self, how: str = "clean") -> None:
        await self._out()
        if self._left is None or self._left:
            self.exchange.tell(how)
        if self._stored:
            self._stored.end(whole=True)
        self.route.used[0] = True
        await self._send(h11.EndOfMessage())

    async def _send(self, event: Any) -> None:
        """Write to the client, if there is still one that wants it."""
        last = self.opening.last_write
        if last is not None and asyncio.get_running_loop().time() >= self.exchange.began + last:
            raise CutOff
        data = self.client.http.send(event)
        if self.mute or not data:
            return
        try:
            await self.client.write(data)
        except ConnectionError:
            if self.plan.leave is Leave.NEVER:
                self.mute = True
            elif self.plan.late:
                self._late = self.mute = True
            else:
                raise

    async def _broken(self, broken: Break) -> None:
        how, plan = self.asking.upstream.broke, self.plan
        if how is None and isinstance(broken, Abort):  # a fault of the reader's own
            self.exchange.tell(f"reset: {broken}")
            return await self.client.reset()
        if how and isinstance(plan.at_break, Refusal) and not self.head_out:
            return await self.exchange.refuse(plan.at_break, str(broken))
        if plan.at_break == "clean" and how in ("fin", "reset", "left"):
            return await self._end(f"clean, forged: {broken}")
        await self._out()
        self.exchange.tell(f"truncated: {broken}")
        if self.client.cork:
            self.client.cork.flush()
        self.asking.upstream.abort()
        await asyncio.sleep(self.opening.linger)


def _framing(head: h11.Response) -> str:
    names = {name: value for name, value in head.headers}
    if b"transfer-encoding" in names:
        return "chunked"
    return "content-length" if b"content-length" in names else "until close"


def _answer(head: h11.Response, size: int) -> Answer:
    return Answer(head.status_code, Headers(raw=list(head.headers)), _framing(head), size)
