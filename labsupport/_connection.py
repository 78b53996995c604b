"""Open a connection with a deadline that also holds for name resolution.

Rule: the system calls that cannot be interrupted (getaddrinfo everywhere, connect on Windows)
run in a helper thread; the caller waits in slices, so that Ctrl-C and a deadline always work.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from contextlib import suppress

from ._leaving import SLICE
from ._request import Request
from .errors import ConnectError


def open_connection(
    request: Request, until: float, stopped: threading.Event, window: int | None = None
) -> socket.socket | None:
    """A connection to `request`'s host, with TLS if its URL says https.

    Arguments:
        request: where to connect.
        until: when to give up, in `time.perf_counter` seconds.
        stopped: give up when it is set, and return None.
        window: bytes of the receive buffer (SO_RCVBUF); None leaves it to the system.

    Raises `ConnectError`.
    """
    answers: queue.SimpleQueue[socket.socket | OSError] = queue.SimpleQueue()
    gone = threading.Event()

    def work() -> None:
        try:
            answers.put(_connect(request, until, window))
        except OSError as error:
            answers.put(error)
        except Exception as error:  # such as a host name that only TLS finds odd
            answers.put(OSError(f"{type(error).__name__}: {error}"))
        if gone.is_set():
            _drain(answers)

    worker = threading.Thread(target=work, name="labsupport connect", daemon=True)
    worker.start()
    answer: socket.socket | OSError | None = None
    try:
        while answer is None and not stopped.is_set():
            left = until - time.perf_counter()
            if left <= 0:
                answer = TimeoutError()
                break
            with suppress(queue.Empty):
                answer = answers.get(timeout=min(SLICE, left))
                worker.join()
    finally:
        gone.set()
        _drain(answers)  # it may have come while we turned away
    if isinstance(answer, OSError):
        raise _explain(answer, request) from answer
    return answer


def _connect(request: Request, until: float, window: int | None) -> socket.socket:
    plain = _dial(request, until, window)
    if not request.tls:
        return plain
    try:
        context = ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=request.host)
    except BaseException:
        plain.close()
        raise


def _dial(request: Request, until: float, window: int | None) -> socket.socket:
    """Connect to the first of the host's addresses that answers.

    `socket.create_connection` does the same but for the window, which has to be set before the
    connection is made: its scale goes out with the first segment (RFC 7323, 2.2).
    """
    first: OSError | None = None
    stream = socket.SOCK_STREAM
    for family, kind, protocol, _, where in socket.getaddrinfo(
        request.host, request.port, type=stream
    ):
        plain = socket.socket(family, kind, protocol)
        try:
            if window:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, min(window, 2**31 - 1))
            plain.settimeout(max(0.001, until - time.perf_counter()))
            plain.connect(where)
            return plain
        except OSError as error:
            plain.close()
            first = first or error
    raise first or OSError("the host's name stands for no address")


def _drain(answers: queue.SimpleQueue[socket.socket | OSError]) -> None:
    """Close a connection that nobody waits for any more."""
    with suppress(queue.Empty):
        answer = answers.get_nowait()
        if isinstance(answer, socket.socket):
            answer.close()


def _explain(error: OSError, request: Request) -> ConnectError:
    """The error in our words."""
    where = f"{request.host}:{request.port}"
    if isinstance(error, socket.gaierror):
        expected, got = "a host name that resolves", f"{request.host!r} ({error.strerror})"
        next = "Check the spelling; for a server on this machine use 127.0.0.1."
    elif isinstance(error, ssl.SSLCertVerificationError):
        expected, got = f"a certificate at {where} that this machine trusts", error.verify_message
        next = "Check the host name in the URL, or the machine's clock and certificates."
    elif isinstance(error, ssl.SSLError) or (
        request.tls and isinstance(error, ConnectionError) and not _refused(error)
    ):
        expected, got = f"TLS at {where}", f"something else ({error.strerror or error})"
        next = "Write http:// if the server speaks plain HTTP; serve(app) does."
    elif _refused(error):
        expected, got = f"a server at {where}", "a refused connection"
        next = "Start it, and keep it in a name while you need it: server = serve(app)."
    elif isinstance(error, TimeoutError):
        expected, got = f"a connection to {where} within the deadline", "no answer"
        next = "Check host and port; a firewall that drops packets looks like this."
    else:
        expected, got = f"a connection to {where}", f"{error.strerror or error}"
        next = "Check the URL and this machine's network."
    return ConnectError(expected=expected, got=f"{got}; no request was sent", next=next)


def _refused(error: OSError) -> bool:
    return isinstance(error, ConnectionRefusedError)
