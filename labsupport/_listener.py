"""A socket that listens on loopback, and whose connections do not wait to send.

asyncio turns Nagle's algorithm off (TCP_NODELAY) only for a socket that says it is TCP. One made
by `socket.create_server` does not: behind some proxies that held the first event for 40 ms.
"""

from __future__ import annotations

import os
import socket


def listen(port: int = 0, backlog: int = 2048) -> socket.socket:
    """Listen on `port` of 127.0.0.1, or on a free one. Raises `OSError`."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        made.listen(backlog)
    except BaseException:
        made.close()
        raise
    return made
