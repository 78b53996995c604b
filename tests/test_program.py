"""Any program as a `with` block: it starts, ends and leaves nothing, however its owner goes."""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from sockets import GENEROUS
from traces import Traces

from labsupport import _run
from labsupport._program import TRIES, Program
from labsupport.errors import StartError, StopError, UsageError

pytestmark = pytest.mark.usefixtures("no_leaks")
LISTEN = """
import socket, sys
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listening", flush=True)
while True:
    server.accept()[0].close()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + LISTEN
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {LISTEN!r}, sys.argv[1]])"


class Script(Program):
    """A Python program that is given a port."""

    name = "script"

    def __init__(self, text: str, **deadlines: float) -> None:
        super().__init__(**deadlines)
        self.text = text

    def lay_out(self, folder: Path, port: int) -> list[str]:
        (folder / "file").write_text("of the program's", encoding="utf-8")
        return [sys.executable, "-c", self.text, str(port)]


def test_it_answers_when_start_returns_and_is_gone_when_stop_returns() -> None:
    with Script(LISTEN) as program:
        traces = Traces.of(program)
        assert program.running and len(traces.processes) == 2
        socket.create_connection(("127.0.0.1", traces.port), timeout=GENEROUS).close()
        assert program.log == ["listening"]
    assert traces.left() == [] and not program.running
    assert program.log == ["listening"]


def test_a_second_start_or_stop_does_nothing_and_a_start_after_a_stop_works() -> None:
    program = Script(LISTEN)
    program.stop()
    url = program.start().url
    assert program.start().url == url
    program.stop()
    program.stop()
    with program:
        traces = Traces.of(program)
    traces.assert_gone()


def test_the_url_of_a_program_that_does_not_run_is_an_error() -> None:
    with pytest.raises(UsageError, match="expected script to run, got <.*Next: Use it as a `with"):
        _ = Script(LISTEN).url


def test_a_block_that_raises_leaves_nothing() -> None:
    with pytest.raises(KeyError), Script(LISTEN) as program:
        traces = Traces.of(program)
        raise KeyError
    assert traces.left() == []


def test_a_forgotten_program_is_collected_and_stops() -> None:
    program = Script(LISTEN).start()
    traces = Traces.of(program)
    del program
    gc.collect()
    traces.assert_gone()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that could be ignored")
def test_a_program_that_does_not_listen_is_killed_after_its_deadline() -> None:
    with Script(DEAF, stop_deadline=0.2) as program:
        traces = Traces.of(program)
    assert traces.left() == []


def test_the_children_of_a_program_go_with_it() -> None:
    with Script(PARENT) as program:
        traces = Traces.of(program)
        assert len(traces.processes) == 3
    traces.assert_gone()


def test_a_program_that_ended_by_itself_does_not_run_and_leaves_its_words() -> None:
    program = Script(LISTEN.replace("while True", "for _ in range(2)") + "print('enough')").start()
    traces = Traces.of(program)
    socket.create_connection(("127.0.0.1", traces.port), timeout=GENEROUS).close()
    traces.processes[1].wait(GENEROUS)
    while program.running:  # its keeper writes a file now
        time.sleep(0.01)
    assert program.log == ["listening", "enough"]
    program.stop()
    traces.assert_gone()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [15, 9])
def test_a_keeper_that_is_killed_takes_nothing_with_it_that_stop_would_miss(number: int) -> None:
    with Script(LISTEN) as program:
        traces = Traces.of(program)
        os.kill(traces.processes[0].pid, number)
    traces.assert_gone()


@pytest.mark.parametrize("way", ["exit", "kill"])
def test_an_interpreter_that_ends_takes_its_programs_with_it(way: str) -> None:
    text = """
import sys
import time
sys.path[:0] = {path!r}
from test_program import LISTEN, Script
from traces import Traces

program = Script(LISTEN).start()
traces = Traces.of(program)
print(traces.port, str(traces.folder), *[one.pid for one in traces.processes], flush=True)
sys.stdin.read(1)
"""
    command = [sys.executable, "-W", "error", "-c", text.format(path=sys.path)]
    pipe: Any = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as owner:
        port, folder, *pids = owner.stdout.readline().split()
        traces = Traces([psutil.Process(int(pid)) for pid in pids], int(port), Path(folder))
        if way == "kill":
            owner.kill()
        _, said = owner.communicate(timeout=60)
    assert said == ""
    traces.assert_gone()


def test_a_program_that_says_why_it_ended_is_quoted() -> None:
    text = "print('reading the menu'); raise SystemExit('no recipe book')"
    with pytest.raises(StartError, match="got no recipe book. Next: Look at its settings.$"):
        Script(text).start()


def test_a_program_that_is_no_program_is_named() -> None:
    class Missing(Script):
        def lay_out(self, folder: Path, port: int) -> list[str]:
            return [str(folder / "missing")]

    with pytest.raises(StartError, match="script to accept connections within 10 s, got .*missing"):
        Missing("").start()


def test_a_program_that_never_answers_meets_the_deadline_and_is_ended() -> None:
    program = Script("print('soon', flush=True); import time; time.sleep(60)", start_deadline=0.5)
    with pytest.raises(StartError, match=r"within 0\.5 s, got a program that runs and does not"):
        program.start()
    assert not program.running


def test_a_port_that_somebody_took_meanwhile_is_tried_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = [taken, taken, _run.free_port()]
        monkeypatch.setattr(_run, "free_port", lambda: ports.pop(0))
        quiet = LISTEN.replace("import socket", "import time; time.sleep(0.1); import socket")
        program = Script(quiet)
        monkeypatch.setattr(program, "ready", lambda run: "listening" in run.lines())
        with program:
            assert program.url != f"http://127.0.0.1:{taken}" and ports == []


def test_ports_that_are_always_taken_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setattr(_run, "free_port", lambda: taken)
        program = Script(LISTEN)
        monkeypatch.setattr(program, "ready", lambda run: False)
        with pytest.raises(StartError, match=f"got {TRIES} ports that were free and then.*in use"):
            program.start()


@pytest.mark.parametrize("deadline", [0, -1.0, float("nan"), float("inf")])
def test_a_deadline_must_be_a_positive_number(deadline: float) -> None:
    for which in ("start_deadline", "stop_deadline"):
        with pytest.raises(UsageError, match="expected a deadline in seconds, more than 0"):
            Script("", **{which: deadline})


@pytest.mark.parametrize("what", ["subprocess.Popen", "socket.create_server", "tempfile.mkdtemp"])
def test_no_process_port_or_folder_to_be_had_is_a_start_error(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(what, refuse)
    with pytest.raises(StartError, match="Too many open files. Next: Stop what is no longer"):
        Script(LISTEN).start()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_cannot_be_ended_is_a_stop_error(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Script(LISTEN).start()
    traces, run = Traces.of(program), program._run
    assert run is not None and run._keeper is not None
    keeper = run._keeper
    keeper.send_signal(signal.SIGSTOP)
    with monkeypatch.context() as patched:
        patched.setattr(_run, "GRACE", 0.1)
        patched.setattr(run, "_deadline", 0.1)
        patched.setattr(os, "killpg", lambda *arguments: None)
        with pytest.raises(StopError, match=f"got a process {keeper.pid} that cannot be killed"):
            program.stop()
    os.killpg(keeper.pid, signal.SIGKILL)
    keeper.wait(GENEROUS)
    traces.assert_gone()
