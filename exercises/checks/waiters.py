"""A kitchen whose waiter falls: one stream, served over as many connections as it takes.

It keeps books: who came, with which `Last-Event-ID`, when, and what was served. After the trips
that were planned it goes on to serve those who still come, and soon lets them go for good, so that
hardly any mistake becomes a wait without end.

One kind of time is judged: that a reader did not come back *before* its `retry` was over. A busy
machine makes it later, never earlier.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

from labsupport import encode, serve
from labsupport._reset import reset_when_closed
from labsupport.grading import Answer, CheckFailed, Raised, Silent

HOLD = 0.02
"""Seconds from the last byte to a reset, which may throw away what has not been read."""
MORE = 3
"""So many visits after the planned ones are answered as they should be; the next are let go."""
ENDS = ("broke off", "was reset", "proper end", "no answer")
"""How a connection ends."""
SOON = 0.8
"""The part of `retry` that must be over. The rest is for clocks that tick slowly."""
ENDLESS = (
    "What ends your loop? And is your wait right? `retry` counts milliseconds, and asyncio.sleep "
    "takes seconds."
)


class Piece(NamedTuple):
    """An event of the stream, as bytes. `id` is None where it has none of its own."""

    name: str
    data: bytes
    id: str | None = None


def plate(token: str, id: str, ends: str = "\n") -> Piece:
    """The event of one token, with its id first."""
    return Piece(id, encode(token, event="token", id=id).replace(b"\n", ends.encode()), id)


def menu(tokens: list[str]) -> list[Piece]:
    """A whole stream: the tokens have ids from 1, and between them stands what is no token."""
    pieces = [plate(token, str(number)) for number, token in enumerate(tokens, 1)]
    pieces.insert(2, Piece("a note", b": still here\n\ndata: the cook is humming\n\n"))
    return [Piece("start", encode("{}", event="start")), *pieces, DONE]


DONE = Piece("done", encode("[DONE]", event="done"))


def upto(pieces: list[Piece], id: str) -> int:
    """The byte after the event with this id."""
    at = [piece.id for piece in pieces].index(id)
    return sum(len(piece.data) for piece in pieces[: at + 1])


@dataclass(frozen=True)
class Trip:
    """One connection.

    Arguments:
        until: the byte of the whole stream at which it ends; None for no such byte.
        end: one of `ENDS`.
        first: bytes before the rest of the stream.
        status: any but 200 has no stream. kind: the content type. page: a body in its place.
    """

    until: int | None = None
    end: str = "broke off"
    first: bytes = b""
    status: int = 200
    kind: str = "text/event-stream; charset=utf-8"
    page: bytes | None = None


@dataclass
class Visit:
    """One connection in the books: what the reader said, when it came, what it got."""

    said: str
    came: float
    served: str = "nothing"
    left: float = 0.0


@dataclass
class Kitchen:
    """An ASGI app that serves `pieces` over `trips`.

    Attributes:
        visits: the books. tokens: what `follow` returned, if it did. raised: else, what it raised.
    """

    pieces: list[Piece]
    trips: list[Trip]
    cut: int = 1000
    visits: list[Visit] = field(default_factory=list)
    tokens: Any = None
    raised: Raised | None = None

    def follow(self, answer: Answer, fed: str = "", endless: str = ENDLESS) -> Kitchen:
        """Let the answer follow the stream. Fails the check if it never ends, with this advice."""
        with serve(self) as server:
            try:
                self.tokens = answer.call("follow", server.url + "/soup")
            except Raised as raised:
                self.raised = raised
            except Silent:
                self.blame(
                    f"an end within {answer.patience:g} s",
                    f"none, after {len(self.visits)} connections",
                    next=endless,
                    cause="no end",
                    fed=fed,
                )
        return self

    def done(self, answer: Answer, fed: str = "") -> Kitchen:
        """The same; fails the check also if the answer raises."""
        self.follow(answer, fed)
        if self.raised:
            self.blame(
                "a list of tokens",
                self.raised.got or "an exception",
                next="A connection that breaks is no error for a reader that can come back: catch "
                f"what your client raises then. {self.raised.next or ''}",
                cause=self.raised.type,
                fed=fed,
            )
        return self

    @property
    def said(self) -> list[str]:
        """The ids that the reader said, connection by connection."""
        return [visit.said for visit in self.visits]

    @property
    def waits(self) -> list[float]:
        """Seconds from the end of each connection to the next one."""
        pairs = zip(self.visits, self.visits[1:], strict=False)
        return [after.came - before.left for before, after in pairs]

    def blame(self, expected: str, got: str, *, next: str, cause: str, fed: str = "") -> NoReturn:
        """Fail the check, and show the books."""
        raise CheckFailed(
            expected=expected, got=got, next=next, cause=cause, fed=fed, picture=str(self)
        )

    def __str__(self) -> str:
        waits = ["-", *(f"{wait * 1000:.0f} ms" for wait in self.waits)]
        rows = [("visit", "after", "Last-Event-ID", "served")]
        for number, (visit, wait) in enumerate(zip(self.visits, waits, strict=True), 1):
            rows.append((str(number), wait, visit.said, visit.served))
        return "\n".join(f"{one:7}{two:8}{three:15}{four}" for one, two, three, four in rows)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        said = headers.get(b"last-event-id", b"").decode("latin-1")
        visit = Visit(said or "none", time.monotonic())
        trip = self._trip(len(self.visits))
        self.visits.append(visit)
        try:
            await self._serve(trip, said, visit, receive, send)
        finally:
            visit.left = visit.left or time.monotonic()

    def _trip(self, number: int) -> Trip:
        """The plan for this visit."""
        late = number - len(self.trips)
        if late < 0:
            return self.trips[number]
        if late >= 2 * MORE:
            return Trip(status=410)
        if late >= MORE:
            return Trip(page=DONE.data, end="proper end")
        if self.trips[-1].status != 200 or self.trips[-1].page is not None:
            return self.trips[-1]
        return Trip(status=204) if self._finished else Trip(end="proper end")

    @property
    def _finished(self) -> bool:
        return any("done" in visit.served for visit in self.visits)

    async def _serve(self, trip: Trip, said: str, visit: Visit, receive: Any, send: Any) -> None:
        transport = receive.__self__.transport  # uvicorn's: ASGI has no way to break off
        if trip.end == "no answer":
            _drop(transport, visit, trip.end)
            return
        kind = trip.kind if trip.status == 200 else "application/json"
        headers = [(b"content-type", kind.encode())] if trip.status != 204 else []
        await send({"type": "http.response.start", "status": trip.status, "headers": headers})
        body = b""
        if trip.status != 200:
            visit.served = f"status {trip.status}"
        elif trip.page is not None:
            body, visit.served = trip.page, f"{trip.kind}: {trip.page[:20]!r}"
        else:
            body = trip.first + self._rest(said, trip.until, visit)
        for at in range(0, len(body), self.cut):
            piece = body[at : at + self.cut]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if trip.status != 200 or trip.end == "proper end":
            visit.left = time.monotonic()
            visit.served += ", proper end" if trip.status == 200 else ""
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if trip.end == "was reset":
            await asyncio.sleep(HOLD)
        _drop(transport, visit, trip.end)

    def _rest(self, said: str, until: int | None, visit: Visit) -> bytes:
        """The stream after the event with the id `said`, up to the byte `until`; noted in words."""
        ids = [piece.id for piece in self.pieces]
        begin = ids.index(said) + 1 if said in ids else 0
        at, words, rest = sum(len(piece.data) for piece in self.pieces[:begin]), [], b""
        for piece in self.pieces[begin:]:
            part = piece.data[: None if until is None else max(0, until - at)]
            at += len(piece.data)
            rest += part
            if part:
                words.append(piece.name if part == piece.data else f"a part of {piece.name}")
        visit.served = ", ".join(words) or "nothing"
        return rest


def _drop(transport: Any, visit: Visit, how: str) -> None:
    """End the connection without an end of the response."""
    visit.left = time.monotonic()
    visit.served += f", {how}"
    if how == "was reset":
        reset_when_closed(transport.get_extra_info("socket"))
        transport.abort()
    else:
        transport.close()  # after what was written has gone out
