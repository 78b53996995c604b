"""Keep a program running for as long as the process that wants it lives. A script, not a module.

    python _keeper.py FOLDER STOP_DEADLINE COMMAND...

Rule 1: a byte on stdin, or its end, means stop; stdin ends too when the owner is killed, which
    is what happens to the kernel of a notebook that takes too long.
Rule 2: then the program is asked to end, has `STOP_DEADLINE` seconds, and is killed.
Rule 3: the folder goes last. A program that ends by itself leaves `FOLDER/ended` with its code, so
    that the owner can read what it said.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path


def main(folder: Path, stop_deadline: float, command: list[str]) -> None:
    """Run `command` in `folder` until stdin says something."""
    try:
        program = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL)
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        _tell(folder, "not started")
        sys.stdin.buffer.read(1)
        shutil.rmtree(folder, ignore_errors=True)
        return

    def note_its_end() -> None:
        _tell(folder, str(program.wait()))

    noting = threading.Thread(target=note_its_end, daemon=True)
    noting.start()
    sys.stdin.buffer.read(1)
    if program.poll() is None:
        _end(program, stop_deadline)
    noting.join()  # else it could write into a folder that is being removed
    shutil.rmtree(folder, ignore_errors=True)
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)  # the program's own children, and us


def _tell(folder: Path, words: str) -> None:
    """All of the file or nothing of it, for a reader that looks at any time."""
    part = folder / "ended.part"
    part.write_text(words, encoding="utf-8")
    part.replace(folder / "ended")


def _end(program: subprocess.Popen[bytes], deadline: float) -> None:
    if os.name == "posix":
        program.terminate()
    else:  # Windows ends one process, and nginx has a worker; this ends them all, at once
        command = ["taskkill", "/T", "/F", "/PID", str(program.pid)]
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=deadline, check=False)
    try:
        program.wait(deadline)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:])
