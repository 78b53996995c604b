"""Does the kernel that the notebooks name run this Python?"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

from .findings import Finding
from .owner import ask, owner

KERNEL = "python3"
"""What every notebook of the course says in its metadata."""

BARE = {"python", "python3", f"python3.{sys.version_info[1]}"}
"""For these, jupyter_client starts the Python that it runs in itself (`format_kernel_cmd`)."""


def kernel() -> Finding:
    """The kernel that the notebooks name runs this Python.

    Inside a kernel, its server's specs decide, for that server starts the next kernel too; in a
    terminal, those that a JupyterLab started from this Python would see.
    """
    name, server = f"the kernel {KERNEL}", owner()
    if server and server.kernel == KERNEL:
        return Finding("fine", name, "this is it", optional=True)
    if server and server.kernel:
        _, said = ask(server, f"api/kernelspecs/{KERNEL}")
        command = _command(said)
        ours = command not in BARE and _is_this(command)
        fix = f"Kernel, Change Kernel: {server.kernel} in each lesson, or {KERNEL} in all of them."
    else:
        try:
            from jupyter_client.kernelspec import KernelSpecManager

            command = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
        except Exception as error:  # none of that name, no jupyter_client, a broken kernel.json
            said = f"{type(error).__name__}: {error}"
            fix = "Run: python -m ipykernel install --sys-prefix, then restart JupyterLab."
            return Finding("look", f"no kernel {KERNEL} for this Python", said, fix)
        ours = command in BARE or _is_this(command)
        fix = "Run: python -m ipykernel install --sys-prefix (or --user), then restart JupyterLab."
    if ours:
        return Finding("fine", name, f"runs {command}", optional=True)
    said = f"it runs {command or 'nothing known'}; this is {sys.executable}"
    return Finding("look", f"{name} runs another Python", said, fix)


def _command(said: Any) -> str:
    """The program that a server's answer about a kernel spec names."""
    try:
        return str(said["spec"]["argv"][0])
    except (TypeError, LookupError):
        return ""


def _is_this(command: str) -> bool:
    """Whether a program is this Python.

    Both the folder and what the name links to must agree: all virtual environments may link to
    one Python, and one folder may hold several.
    """

    def place(path: str) -> tuple[str, str]:
        folder, real = os.path.dirname(os.path.abspath(path)), os.path.realpath(path)
        return os.path.normcase(os.path.realpath(folder)), os.path.normcase(real)

    found = shutil.which(command)
    return bool(found) and place(str(found)) == place(sys.executable)
