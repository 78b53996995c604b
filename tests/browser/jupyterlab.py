"""Real JupyterLab in headless Chromium, driven as a person would drive it.

    with Lab(Path("notebooks")) as lab:
        lab.open("02_read_the_wire.ipynb")
        lab.run_all()
        lab.screenshot(Path("out.png"))

Rule 1: loopback only, a free port, a token, settings of its own: nobody's JupyterLab is touched.
Rule 2: everything has a deadline.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOKEN = "course"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --font-render-hinting=none"
).split()
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
CELLS = ".jp-Notebook .jp-CodeCell"


class Lab:
    """A JupyterLab over `root` and a page that shows it.

    Arguments:
        root: the folder that JupyterLab serves; it may write there (checkpoints, saves).
        dark: use the dark theme.
        seconds: deadline for each single step, in seconds.
    """

    def __init__(self, root: Path, *, dark: bool = False, seconds: float = 90.0) -> None:
        self._root, self._dark, self._seconds = root.resolve(), dark, seconds
        self._stack = ExitStack()
        self.page: Page

    def __enter__(self) -> Lab:
        with ExitStack() as stack:
            port = self._start_server(stack)
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            stack.callback(browser.close)
            self.page = browser.new_page(viewport={"width": 1100, "height": 1000})
            self.page.set_default_timeout(self._seconds * 1000)
            # "Leave this page?" is asked of a notebook with new outputs when the next is opened.
            self.page.on("dialog", lambda dialog: dialog.accept())
            self._url = f"http://127.0.0.1:{port}"
            self._stack = stack.pop_all()
        return self

    def _start_server(self, stack: ExitStack) -> int:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        theme = {"theme": "JupyterLab Dark" if self._dark else "JupyterLab Light"}
        for name, values in {**SETTINGS, "apputils-extension/themes": theme}.items():
            path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
            + [f"--ServerApp.root_dir={self._root}", f"--ServerApp.port={port}"]
            + ["--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
            + ["--KernelManager.transport=ipc"]  # a kernel's ports may be taken before it has them
            + [f"--IdentityProvider.token={TOKEN}"],
            env=os.environ | {name: str(home / folder) for name, folder in own.items()},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(self._stop_server, server)
        end = time.monotonic() + self._seconds
        while time.monotonic() < end and server.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={TOKEN}", timeout=2)
                return port
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"JupyterLab did not answer within {self._seconds:.0f} s")

    @staticmethod
    def _stop_server(server: subprocess.Popen[bytes]) -> None:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(15)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def open(self, notebook: str, workspace: str = "first") -> None:
        """Open a notebook, a path relative to the root, and wait until its kernel is idle.

        In the same workspace, notebooks that were opened before stay open beside it.
        """
        self.page.goto(f"{self._url}/lab/workspaces/{workspace}/tree/{notebook}?token={TOKEN}")
        self.page.wait_for_selector(CELLS)
        # The notebook's own indicator says idle before there is a kernel; the status bar does not.
        self.page.wait_for_selector('.jp-StatusBar-TextItem:has-text("(ipykernel) | Idle")')

    def menu(self, menu: str, *items: str) -> None:
        """Choose from the menu bar, such as `menu("Run", "Run All Cells")`."""
        self.page.click(f'.lm-MenuBar-item:has-text("{menu}")')
        for item in items:
            self.page.click(f'.lm-Menu-item:has(.lm-Menu-itemLabel:text-is("{item}"))')

    def clear_outputs(self) -> None:
        """Clear every output through the interface."""
        self.menu("Edit", "Clear Outputs of All Cells")
        self.page.wait_for_function("() => !document.querySelector('.jp-OutputArea-output')")

    def run_all(self) -> None:
        """Run all cells through the interface and wait until each has its number."""
        self.menu("Run", "Run All Cells")
        self.page.wait_for_function(
            f"""() => [...document.querySelectorAll('{CELLS}')].every(
                cell => /\\[\\d+\\]/.test(cell.querySelector('.jp-InputPrompt').textContent))"""
        )
        self.page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')

    def text(self) -> str:
        """All text on the page."""
        return self.page.inner_text(".jp-Notebook")

    def complaints(self) -> list[str]:
        """The texts of all outputs that are errors or went to stderr."""
        found = self.page.query_selector_all(
            '[data-mime-type="application/vnd.jupyter.error"],'
            '[data-mime-type="application/vnd.jupyter.stderr"]'
        )
        return [output.inner_text() for output in found]

    def screenshot(self, path: Path) -> None:
        """A picture of the whole notebook, however long it is."""
        self.page.keyboard.press("Control+b")  # fold the side bar away
        tall = self.page.evaluate(
            """() => { const n = document.querySelector('.jp-WindowedPanel-outer');
                       return n ? n.scrollHeight : document.body.scrollHeight }"""
        )
        self.page.set_viewport_size({"width": 1100, "height": min(int(tall) + 160, 16_000)})
        self.page.evaluate("document.querySelector('.jp-WindowedPanel-outer')?.scrollTo(0, 0)")
        self.page.wait_for_timeout(800)  # let it lay itself out anew
        self.page.screenshot(path=path)
