"""What a proxy says about an upstream, a fault or a call that cannot work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar

import pytest
from sockets import CHUNKED, UNTIL_CLOSE, Peer, closed_port, framed, raw_server

import labsupport.relay.upstream
from labsupport import Ending, record
from labsupport.clock import Clock
from labsupport.errors import UsageError
from labsupport.faults import Buffer
from labsupport.proxy import Proxy
from labsupport.wire import Chunk

pytestmark = pytest.mark.usefixtures("no_leaks")


def test_a_proxy_needs_an_upstream_url_that_can_be_asked() -> None:
    for wrong in ["127.0.0.1:8000", "ftp://h/", "http://", "http://h:0", "http://h:70000", None,
                  "http://h/?q=1", "http://u:p@h/", "http://h/a b", "http://h/ü"]:  # fmt: skip
        with pytest.raises(UsageError, match=r"an upstream URL such as .* Pass server\.url"):
            Proxy(wrong)  # type: ignore[arg-type]


def test_a_proxy_needs_faults_and_not_their_classes() -> None:
    with pytest.raises(UsageError, match=r"got the class Buffer\. Next: Write Buffer\(\.\.\.\)"):
        Proxy("http://h", Buffer)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"such as Split\(1\), got 5\. Next: Import one"):
        Proxy("http://h", 5)  # type: ignore[arg-type]


def test_an_upstream_that_is_not_there_is_a_502_in_our_words() -> None:
    port = closed_port()
    with Proxy(f"http://127.0.0.1:{port}") as proxy:
        seen = record(proxy.url)
        assert proxy.log and "no request was sent" in proxy.log[0]
    assert seen.status == 502 and seen.ending is Ending.CLEAN
    assert seen.body.decode() == (
        f"expected an upstream that answers at 127.0.0.1:{port}, got a refused connection: nobody "
        "listens there. Next: Start it, or give Proxy the URL where it is; no request was sent.\n"
    )


def test_an_upstream_whose_name_is_unknown_is_a_502() -> None:
    with Proxy("http://no-such-host.invalid") as proxy:
        seen = record(proxy.url)
    assert seen.status == 502 and b"an upstream that answers at no-such-host" in seen.body


def test_an_upstream_that_takes_no_connection_in_time_is_a_502(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(labsupport.relay.upstream, "CONNECT_DEADLINE", 0.2)
    with raw_server(lambda peer: peer.wait_closed(), read=False) as url:  # says no TLS hello
        with Proxy(url.replace("http", "https")) as proxy:
            seen = record(proxy.url)
    assert seen.status == 502 and b"got TimeoutError" in seen.body


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", b"got a closed connection before any"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", b"got something else (illegal status line"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, b"got something else (Receive buffer too long"),
    ],
)
def test_an_upstream_that_speaks_no_http_is_a_502(answer: bytes, words: bytes) -> None:
    with raw_server(lambda peer: peer.send(answer)) as url, Proxy(url) as proxy:
        seen = record(proxy.url)
    assert seen.status == 502 and words in seen.body, seen.body


def test_a_reset_before_any_answer_is_a_502() -> None:
    with raw_server(Peer.reset) as url, Proxy(url) as proxy:
        seen = record(proxy.url)
    assert seen.status == 502 and b"before any. Next: Look at the upstream's log" in seen.body


def test_a_fault_that_fails_truncates_the_answer_and_leaves_its_traceback_in_the_log() -> None:
    class Broken:
        conserves: ClassVar[bool] = True

        async def apply(self, chunks: AsyncIterator[Chunk], clock: Clock) -> AsyncIterator[Chunk]:
            async for chunk in chunks:
                yield chunk
                raise KeyError("a bug in a fault")

    for answer in (CHUNKED + framed(b"one") + framed(b"two"), UNTIL_CLOSE + b"one"):
        with raw_server(lambda peer, a=answer: peer.send(a)) as url:  # type: ignore[misc]
            with Proxy(url, Broken()) as proxy:
                seen = record(proxy.url)
        assert (seen.body, seen.ending) == (b"one", Ending.TRUNCATED)
        assert "truncated: a fault failed" in proxy.log[0]
        assert "KeyError: 'a bug in a fault'" in proxy.log[0]
