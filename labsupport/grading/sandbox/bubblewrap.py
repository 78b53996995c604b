"""The command lines of bubblewrap: what the sandbox sees, and a loopback of its own.

Two shells. The outer one has the judge in it and takes away nothing but the network: judge and
answer share a loopback that nobody else can reach. The inner one has the answers in it: the system
and Python read-only, an empty scratch folder, no home, no repository, other processes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import certifi

from ...errors import BenchError

BENCH = Path(__file__).parents[2]
COURSE = BENCH.parent / "exercises"
"""Hidden also where the repository lies below a folder that the sandbox sees, such as /usr."""

INSIDE = "/bench"
"""Where the bench lies in the sandbox, away from the repository's path."""

SCRATCH = "/scratch"
"""Where an answer may write: in the sandbox only, a file system of its own."""

NOBODY = Path(__file__).parent / "nobody.pem"
"""A certificate whose key nobody has, in place of certifi's 150 in the sandbox. Nothing can be
reached there by TLS, and to load them takes each client that an answer makes 25 ms."""

SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin", "/etc/ld.so.cache")


def outer(command: list[str]) -> list[str]:
    """`command` with a network of its own, and dead when its starter is."""
    return [_program(), "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", *command]


def inner(command: list[str]) -> list[str]:
    """`command` in the sandbox. It keeps the standard streams that it is started with."""
    seen: list[str] = []
    for path in dict.fromkeys([*SYSTEM, sys.base_prefix, sys.prefix]):
        if os.path.islink(path):
            seen += ["--symlink", os.readlink(path), path]
        elif os.path.exists(path):
            seen += ["--ro-bind", path, path]
            if COURSE.is_relative_to(path) and COURSE.is_dir():
                seen += ["--tmpfs", str(COURSE)]
    if os.path.exists(certifi.where()):
        seen += ["--ro-bind", str(NOBODY), os.path.realpath(certifi.where())]
    return [
        _program(),
        *("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
        *("--die-with-parent", "--new-session", "--clearenv"),
        *seen,
        *("--ro-bind", str(BENCH), f"{INSIDE}/{BENCH.name}"),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"),
        *("--tmpfs", SCRATCH, "--chdir", SCRATCH, "--remount-ro", "/"),
        *("--setenv", "PYTHONPATH", INSIDE, "--setenv", "HOME", SCRATCH),
        *("--setenv", "PATH", f"{sys.prefix}/bin:/usr/bin:/bin", "--setenv", "LANG", "C.UTF-8"),
        *("--setenv", "PYTHONDONTWRITEBYTECODE", "1", "--setenv", "MPLCONFIGDIR", SCRATCH),
        *("--setenv", "TMPDIR", SCRATCH, "--setenv", "IPYTHONDIR", SCRATCH),
        *command,
    ]


def trouble() -> str:
    """Why this machine has no sandbox; empty if it has one."""
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed (Debian, Ubuntu: apt-get install bubblewrap)"
    command = outer(inner([sys.executable, "-c", "pass"]))
    try:
        done = subprocess.run(command, capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not run: {error}"
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return f"bubblewrap does not run: {said[-1] if said else 'no reason given'}" * bool(
        done.returncode
    )


def _program() -> str:
    found = shutil.which("bwrap")
    if not found:
        raise BenchError(
            expected="bubblewrap, to shut answers in",
            got="no command bwrap",
            next="Install it (apt-get install bubblewrap), or say --sandbox none aloud.",
        )
    return found
