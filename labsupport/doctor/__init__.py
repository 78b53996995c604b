"""Is this machine ready for the course? Each finding says what to do next.

Rule 1: nothing is changed and nothing leaves this machine, but for one short stream of numbers
    through JupyterHub's public address, if the hub tells it.
Rule 2: `repr` is the same on every healthy machine, with and without Jupyter around it; versions,
    optional tools and what was found around this Python are details.
"""

from __future__ import annotations

from collections.abc import Callable

from .findings import Checkup, Finding
from .kernelspec import kernel
from .machine import bubblewrap, chromium, loop, packages, port, proxies, stream
from .proxied import jupyter

__all__ = ["CHECKS", "Checkup", "Finding", "doctor"]

CHECKS: tuple[Callable[[], Finding], ...] = (
    packages,
    port,
    proxies,
    loop,
    stream,
    kernel,
    jupyter,
    chromium,
    bubblewrap,
)


def doctor() -> Checkup:
    """Look at this machine and send a real stream over loopback, event by event.

    Inside a Jupyter server's kernel, a stream goes through that server's own proxy too. Returns a
    `Checkup`. Takes about a second; some 30 at most, if everything is ill. Raises nothing for a
    sick machine: each check that fails is a finding with the next thing to do.
    """
    return Checkup(tuple(check() for check in CHECKS))
