"""A real Jupyter Server in a process of its own, with a kernel to run code in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from jupyter_client.blocking.client import BlockingKernelClient

ROOT = Path(__file__).parent.parent
TOKEN = "a-token-that-nobody-may-see"
BASE = "/user/ann/"
PATIENCE = 40.0


class Lab:
    """A Jupyter Server in a process of its own."""

    def __init__(self, home: Path, extensions: dict[str, bool]) -> None:
        self.home, self.runtime = home, home / "runtime"
        names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
        hub = {name for name in os.environ if name.startswith("JUPYTERHUB_")}
        env = {name: value for name, value in os.environ.items() if name not in hub} | {
            **{f"JUPYTER_{name}": str(home / name[:-4].lower()) for name in names},
            "IPYTHONDIR": str(home / "ipython"),
            "JUPYTER_NO_CONFIG": "1",
            "JUPYTER_TOKEN": TOKEN,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
        }
        options = {
            "ip": "127.0.0.1",
            "port": 0,
            "base_url": BASE,
            "root_dir": home,
            "open_browser": False,
            "allow_root": True,
            "jpserver_extensions": extensions,
        }
        self.log = (home / "log").open("w+", encoding="utf-8")
        command = [sys.executable, "-m", "jupyter_server"]
        command += [f"--ServerApp.{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen(command, env=env, stdout=self.log, stderr=self.log)

    def open(self) -> None:
        """Wait for the server."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                (self.file,) = self.runtime.glob("jpserver-*.json")
                self.said = json.loads(self.file.read_text(encoding="utf-8"))
                break
            except ValueError:  # no file yet, or half of it
                assert time.monotonic() < until and self.process.poll() is None, self.home
                time.sleep(0.05)

    def start_kernel(self) -> None:
        """Have the server start a kernel, and connect to it."""
        auth = {"authorization": f"token {TOKEN}"}
        with httpx.Client(headers=auth, timeout=PATIENCE, trust_env=False) as client:
            made = client.post(f"{self.said['url']}api/kernels", json={"name": "python3"})
        made.raise_for_status()
        self.client = BlockingKernelClient()
        connection = self.runtime / f"kernel-{made.json()['id']}.json"
        self.client.load_connection_file(str(connection))
        self.client.start_channels()

    def close(self) -> None:
        """Stop the server, which stops its kernel."""
        if hasattr(self, "client"):
            self.client.stop_channels()
        self.process.terminate()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.log.close()

    def run(self, code: str) -> Any:
        """Run code in the kernel and return what it calls `said`."""
        out = self.home / "said.json"
        out.unlink(missing_ok=True)
        done = f"import json, pathlib\npathlib.Path({str(out)!r}).write_text(json.dumps(said))"
        self.client.execute(f"{code}\n{done}", reply=True, timeout=PATIENCE)
        return json.loads(out.read_text())

    def finding(self, before: str = "", deadline: float = 4.0) -> dict[str, Any]:
        """What the doctor says of Jupyter's proxy, in the kernel, leaving nothing behind."""
        found: dict[str, Any] = self.run(
            "import os\nfrom dataclasses import asdict\nfrom unittest import mock\n"
            "from leaks import no_leaks\nfrom labsupport.doctor import proxied\n"
            f"env = {{}}\n{before}\n"
            f"with mock.patch.dict(os.environ, env), mock.patch.object(proxied, 'DEADLINE', "
            f"{deadline}), no_leaks():\n    said = asdict(proxied.jupyter())\n"
        )
        assert TOKEN not in json.dumps(found)
        return found

    @contextmanager
    def saying(self, **news: Any) -> Iterator[None]:
        """The server's runtime file says something else."""
        self.file.write_text(json.dumps(self.said | news), encoding="utf-8")
        try:
            yield
        finally:
            self.file.write_text(json.dumps(self.said), encoding="utf-8")
