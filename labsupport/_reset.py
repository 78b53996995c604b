"""Make a socket's close an abort."""

from __future__ import annotations

import os
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Any


def reset_when_closed(sock: Any) -> None:
    """From now on, closing this socket drops what is unsent and sends RST, and no FIN.

    Arguments:
        sock: a TCP socket, or what stands for one (TLS, asyncio's).

    Raises `OSError` if the socket is closed already.
    """
    # On, and 0 seconds (SO_LINGER, struct linger). Windows has two shorts where others have ints.
    sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0))
