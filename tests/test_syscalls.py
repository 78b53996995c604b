"""The system calls that the cage refuses: its program, run here as the kernel would."""

from __future__ import annotations

import errno
import struct

import pytest

from labsupport.grading.sandbox.syscalls import ALLOW, ERRNO, KILL, MACHINES, NAMES, program

PERMITTED, REFUSED, UNKNOWN = ALLOW, ERRNO | errno.EPERM, ERRNO | errno.ENOSYS


def verdict(code: bytes, architecture: int, number: int, argument: int = 0) -> int:
    """What the program returns for a call; the four instructions that it uses, and no others."""
    data = struct.pack("<IIQQ", number & 0xFFFFFFFF, architecture, 0, argument)
    at = held = 0
    while True:
        kind, yes, no, value = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        if kind == 0x06:
            return int(value)
        if kind == 0x20:
            held = struct.unpack_from("<I", data, value)[0]
        else:
            tests = {0x15: held == value, 0x35: held >= value, 0x45: bool(held & value)}
            at += yes if tests[kind] else no


@pytest.mark.parametrize("machine", MACHINES)
def test_every_named_call_is_refused_and_others_are_not(machine: str) -> None:
    code = program(machine)
    architecture, numbers = MACHINES[machine]
    known = dict(zip(NAMES, numbers, strict=True))
    assert len(set(numbers)) == len(NAMES)
    for name, number in known.items():
        expected = {"clone": PERMITTED, "clone3": UNKNOWN}.get(name, REFUSED)
        assert verdict(code, architecture, number) == expected, name
    for number in set(range(460)) - set(numbers):
        assert verdict(code, architecture, number) == PERMITTED


@pytest.mark.parametrize("machine", MACHINES)
def test_a_process_may_be_started_but_no_namespace(machine: str) -> None:
    architecture, numbers = MACHINES[machine]
    clone = dict(zip(NAMES, numbers, strict=True))["clone"]
    code = program(machine)
    fork, thread = 0x01200011, 0x003D0F00  # as glibc's fork and pthread_create say it
    for flags in (fork, thread):
        assert verdict(code, architecture, clone, flags) == PERMITTED
    for new in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(code, architecture, clone, fork | new) == REFUSED


@pytest.mark.parametrize("machine", MACHINES)
def test_another_machines_calls_end_the_process(machine: str) -> None:
    assert verdict(program(machine), 0x40000003, 20) == KILL  # i386, which x86_64 can run


def test_the_other_numbering_of_x86_64_is_unknown() -> None:
    assert verdict(program("x86_64"), 0xC000003E, 0x40000000 + 272) == UNKNOWN


def test_a_machine_that_we_do_not_know_has_no_program() -> None:
    assert program("riscv64") == b""
