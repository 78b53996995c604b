"""Shut this process in: its own processes, mounts and user, limits, no privileges.

Linux only; called in a forked child, before any of the answer's code. Bubblewrap has already taken
away the network, the home and the repository (see `bubblewrap`); this gives each answer a world of
its own inside, in some milliseconds, so that nothing of one answer is there for the next: process
1 of a PID namespace takes all others with it when it dies.

Sources: unshare(2), user_namespaces(7), pid_namespaces(7), capabilities(7), getrlimit(2),
proc_pid_oom_score_adj(5).
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from dataclasses import dataclass
from typing import Any

from . import syscalls

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWIPC = 0x20000, 0x10000000, 0x20000000, 0x8000000
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
MS_RDONLY, SIGKILL, LAST_CAP, CAPABILITY_VERSION_3 = 1, 9, 40, 0x20080522


@dataclass(frozen=True)
class Limits:
    """What one answer may use.

    Arguments:
        memory: resident bytes of all its processes, over what the first one began with.
        address: bytes of address space a process.
        processes: processes and threads of all together.
        disk: bytes of files in its scratch folder, and as much again in /dev/shm.
        files: open files a process.
        output: bytes that it may print.
        cpu: seconds of processor time a process.
    """

    memory: int = 500_000_000
    address: int = 4_000_000_000
    processes: int = 100
    disk: int = 32_000_000
    files: int = 256
    output: int = 1_000_000
    cpu: int = 60


def enter(limits: Limits, scratch: str) -> None:
    """Become process 1 of a world of its own; `scratch` is empty there. Returns in that process.

    The process that called waits for it and ends as it ended. Raises OSError where the system
    does not allow it.
    """
    uid, gid = os.getuid(), os.getgid()
    _ask("unshare", CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC)
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")
    if pid := os.fork():
        os.closerange(0, limits.files)  # so that the judge sees at once when the answer hangs up
        _, status = os.waitpid(pid, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    os.setsid()  # the one who waits must not be in a group that the answer can signal
    _ask("prctl", PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    _write("/proc/self/oom_score_adj", "1000")  # where memory runs out, this goes first
    for place in (scratch, "/dev/shm"):
        options = f"size={limits.disk},nr_inodes=4096,mode=0700".encode()
        _ask("mount", b"tmpfs", place.encode(), b"tmpfs", 0, options)
    _ask("mount", b"tmpfs", b"/proc", b"tmpfs", MS_RDONLY, b"size=4096,mode=0555")
    os.chdir(scratch)
    restrict(limits)
    _drop_privileges()
    syscalls.refuse()


def restrict(limits: Limits) -> None:
    """The limits that work without namespaces too."""
    for kind, value in (
        (resource.RLIMIT_AS, limits.address),
        (resource.RLIMIT_FSIZE, limits.disk),
        (resource.RLIMIT_NOFILE, limits.files),
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_CORE, 0),
    ):
        if kind == resource.RLIMIT_AS and sys.platform == "darwin":
            continue  # macOS refuses it
        _, most = resource.getrlimit(kind)
        value = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(kind, (value, value))


def _drop_privileges() -> None:
    """No capability now, and none to be had again."""
    for capability in range(LAST_CAP + 1):
        _ask("prctl", PR_CAPBSET_DROP, capability, 0, 0, 0, unless=22)  # EINVAL: not that many
    _ask("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    _ask("capset", header, (ctypes.c_uint32 * 6)())


def _ask(name: str, *args: Any, unless: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*args) and (number := ctypes.get_errno()) != unless:
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
