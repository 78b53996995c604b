"""The doctor: a healthy machine reads the same everywhere, and each illness names its cure."""

import asyncio
import socket

import pytest

from labsupport.doctor import Checkup, Finding, doctor
from labsupport.doctor import machine as module
from labsupport.errors import StartError

HEALTHY = """\
✓ Python and the course's packages
✓ a port on 127.0.0.1
✓ no proxy between you and 127.0.0.1
✓ asyncio as Python made it
✓ a stream, event by event

Ready for the course."""


def test_a_healthy_machine_reads_the_same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert repr(doctor()) == HEALTHY


def test_it_works_inside_a_running_loop() -> None:
    async def cell() -> Finding:
        return module.stream()

    assert asyncio.run(cell()).state == "fine"


def test_details_hold_versions_and_optional_tools() -> None:
    details = doctor().details
    assert "fastapi 0." in details and "chromium" in details and "bwrap" in details


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PACKAGES", ("fastapi", "no-such-package"))
    finding = module.packages()
    assert (finding.state, finding.detail) == ("mend", "missing: no-such-package")
    assert finding.next.endswith("-m pip install -r requirements.txt")


def test_a_proxy_without_an_exception_for_loopback_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    assert module.proxies().state == "look"
    assert module.proxies().next.startswith("Set NO_PROXY=127.0.0.1,localhost")
    monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
    assert module.proxies().state == "fine"


def test_a_proxy_setting_is_never_printed_with_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@192.0.2.1:3128")
    assert "secret" not in str(module.proxies()) + module.proxies().detail


def test_a_closed_port_is_something_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refuse)
    finding = module.port()
    assert finding.state == "mend" and "Permission denied" in finding.detail


def test_a_server_that_does_not_start_is_a_finding_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: object) -> None:
        raise StartError(expected="a server", got="none", next="Look here.")

    monkeypatch.setattr(module, "serve", fail)
    assert module.stream() == Finding(
        "mend", "a stream, event by event", "expected a server, got none. Next: Look here.",
        "Look here.",
    )  # fmt: skip


def test_a_path_that_holds_events_back_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(url: str, **options: object) -> object:
        from labsupport.recorder import record

        return record(url, deadline=0.3)  # never says that it has seen an event

    monkeypatch.setattr(module, "record", blind)
    finding = module.stream()
    assert (finding.state, finding.detail) == ("mend", "1 of 3 events, timed out")


def test_patched_asyncio_is_pointed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "_nest_patched", True, raising=False)
    assert module.loop().next == "Leave out nest_asyncio.apply(); lesson 3 shows what it breaks."


def test_what_must_be_mended_makes_the_machine_not_ready() -> None:
    checkup = Checkup((Finding("mend", "a port", next="Open it."),))
    assert not checkup.ready
    assert repr(checkup) == "✗ a port\n  next: Open it.\n\nNot ready: mend what is marked ✗."
