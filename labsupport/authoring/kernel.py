"""A kernel whose sockets nobody else can have.

jupyter_client looks for free TCP ports, and the kernel opens them a second later. If another
program has got one meanwhile, the kernel dies; if that is the iopub port, it hangs and says nothing
(measured, ipykernel 7.4). So where there are Unix sockets, a kernel has those, in a folder of its
own; on Windows it has ports as before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from typing import Any

from jupyter_client import manager
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

__all__ = ["AsyncKernelManager", "KernelManager"]


def _sockets(owner: object) -> dict[str, str]:
    """Where the sockets of this kernel are to be; the folder goes when its manager does."""
    if os.name != "posix":
        return {}
    folder = tempfile.mkdtemp(prefix="kernel-")
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return {"transport": "ipc", "ip": os.path.join(folder, "socket")}


class KernelManager(manager.KernelManager):
    """jupyter_client's, of a kernel of this environment if no other is asked for."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("kernel_name", CURRENT_ENV_KERNEL_NAME)
        settings.setdefault("kernel_spec_manager", NbvalKernelspecManager())
        super().__init__(**_sockets(self), **settings)


class AsyncKernelManager(KernelManager, manager.AsyncKernelManager):
    """The same for asyncio."""
