"""Refuse the system calls by which a process without privileges can still get out of its bounds.

A user namespace of one's own gives every capability in it (user_namespaces(7)), and with them
mounts: file systems in memory of any size. Files that live in memory only (memfd_create, shmget)
count for nobody while nobody maps them; keyrings outlive their process. None of it is of use to an
answer. The filter is a program for the kernel's classic BPF machine (seccomp(2)).

Linux on x86_64 and aarch64; on others there is no filter, and the rest of the cage.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
"""What a filter returns: go on, end the process, or fail with the number in the low half."""

LOAD, EQUAL, ABOVE, BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENT = 0, 4, 16
"""Where `struct seccomp_data` has them; of the first argument the low half (little endian)."""

NEW_NAMESPACE = 0x7E020000
"""Every CLONE_NEW flag that clone knows: cgroup, uts, ipc, user, pid, net, mount."""

NAMES = (
    "unshare setns mount umount2 pivot_root ptrace process_vm_readv process_vm_writev add_key "
    "request_key keyctl bpf perf_event_open userfaultfd io_uring_setup memfd_create memfd_secret "
    "shmget msgget semget mq_open clone3 clone"
).split()

MACHINES: dict[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (
        0xC000003E,
        (272, 308, 165, 166, 155, 101, 310, 311, 248, 249, 250, 321, 298, 323, 425, 319, 447,
         29, 68, 64, 240, 435, 56),
    ),
    "aarch64": (
        0xC00000B7,
        (97, 268, 40, 39, 41, 117, 270, 271, 217, 218, 219, 280, 241, 282, 425, 279, 447,
         194, 186, 190, 180, 435, 220),
    ),
}  # fmt: skip
"""A machine's AUDIT_ARCH and the numbers of NAMES there (the kernel's syscall tables)."""


def program(machine: str) -> bytes:
    """The filter for a machine as `uname` calls it; empty if it is none that we know."""
    if machine not in MACHINES:
        return b""
    architecture, numbers = MACHINES[machine]
    known = dict(zip(NAMES, numbers, strict=True))
    clone, clone3 = known.pop("clone"), known.pop("clone3")
    lines: list[tuple[int, int, int, int]] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (ABOVE, 0, 1, 0x40000000),  # the x32 numbers of x86_64
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
        # clone3 hides its flags behind a pointer: say it is unknown, and libc uses clone.
        (EQUAL, 0, 1, clone3),
        (RETURN, 0, 0, ERRNO | errno.ENOSYS),
    ]
    for number in known.values():
        lines += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | errno.EPERM)]
    lines += [
        (EQUAL, 0, 3, clone),
        (LOAD, 0, 0, ARGUMENT),
        (BITS, 0, 1, NEW_NAMESPACE),
        (RETURN, 0, 0, ERRNO | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


def refuse() -> None:
    """Put the filter on this process and all that it will start; needs PR_SET_NO_NEW_PRIVS.

    Raises OSError where the kernel refuses it.
    """
    code = program(os.uname().machine)
    if not code:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    whole = _Program(len(code) // 8, code)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(whole), 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
