"""JavaScript in the notebook's own page, beside what a client in Python saw.

Rule 1: the stored output is the same with and without a browser; the page writes into it.
Rule 2: the page reaches the kernel in two ways: directly, if both are on one machine, and through
        jupyter-server-proxy, which is the page's own origin.
Rule 3: whatever the script opens is closed after `SECONDS`: six streams fill a page's share.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from ..errors import UsageError
from .guard import DOOR
from .origins import LOOPBACK

__all__ = ["Block", "run"]

SECONDS = 20
WAYS = {"direct": "this page, directly", "proxy": "this page, through /proxy/"}
EMPTY = "(a browser fills this in when you run the cell in JupyterLab)"
SAME = "✓ the same as your client"

_CELL = "text-align:left;vertical-align:top;padding:4px 14px 4px 4px"
_PRE = "margin:0;white-space:pre-wrap;max-width:24em"
_SCRIPT = """(() => {
const box = document.currentScript.closest(".labsupport-page");
const direct = box.dataset.url, port = new URL(direct).port;
const beside = JSON.parse(box.dataset.beside);
const config = document.getElementById("jupyter-config-data");
const here = location.protocol.startsWith("http");
const near = !here || %(near)s.includes(location.hostname);
const play = async (url, guest, say, EventSource) => {
%(code)s
};
const trouble = async (way, url) => {
  if (way === "direct" && !near)
    return `Not from here: this page comes from ${location.host}, and 127.0.0.1 is the machine ` +
      "that you sit at.";
  if (way === "proxy" && !config) return "This page is not JupyterLab's: there is no /proxy/.";
  try {
    const answer = await fetch(url + "%(door)s");
    if (answer.ok) return "";
    const said = answer.status === 403 ? await answer.text() : "";
    return said || `Answer ${answer.status}: no guard there. Serve with serve(page.guard(app)), ` +
      "and see what python -m labsupport doctor says of Jupyter's proxy.";
  } catch {
    return "Nobody there, or this page is refused. Run the notebook again. If the page is yours, " +
      `let it in: page.guard(app, "${location.origin}").`;
  }
};
for (const log of box.querySelectorAll("[data-way]")) {
  const way = log.dataset.way, lines = [], opened = [];
  const url = way === "direct" ? direct
    : location.origin + (config ? JSON.parse(config.textContent).baseUrl : "/") + "proxy/" + port;
  const say = line => {
    lines.push(String(line));
    const same = beside.length && JSON.stringify(lines) === JSON.stringify(beside);
    log.textContent = lines.join("\\n") + (same ? "\\n%(same)s" : "");
  };
  class Noted extends EventSource { constructor(...all) { super(...all); opened.push(this); } }
  log.textContent = "";
  trouble(way, url).then(async why => {
    if (why) { log.textContent = why; return; }
    setTimeout(() => opened.forEach(source => source.close()), %(seconds)d * 1000);
    await play(url, Math.random().toString(36).slice(2), say, Noted);
  }).catch(error => say(error));
}
})();"""


@dataclass(frozen=True)
class Block:
    """What `run` made; display it by leaving it at the end of a cell."""

    code: str
    url: str
    beside: tuple[str, ...] = ()
    proxy: bool = True

    def _repr_html_(self) -> str:
        ways = {way: WAYS[way] for way in (["direct", "proxy"] if self.proxy else ["direct"])}
        titles = [*(["your client"] if self.beside else []), *ways.values()]
        head = "".join(f'<th scope="col" style="{_CELL}">{title}</th>' for title in titles)
        seen = f'<pre style="{_PRE}">{escape(chr(10).join(self.beside))}</pre>'
        logs = [seen] if self.beside else []
        logs += [
            f'<pre style="{_PRE}" role="log" aria-label="{title}" data-way="{way}">{EMPTY}</pre>'
            for way, title in ways.items()
        ]
        row = "".join(f'<td style="{_CELL}">{log}</td>' for log in logs)
        script = _SCRIPT % {
            "near": json.dumps(LOOPBACK),
            "code": self.code,
            "door": DOOR,
            "same": SAME,
            "seconds": SECONDS,
        }
        return (
            f'<div class="labsupport-page" data-url="{escape(self.url)}" '
            f'data-beside="{escape(json.dumps(self.beside))}">'
            f"<table><thead><tr>{head}</tr></thead><tbody><tr>{row}</tr></tbody></table>"
            f"<script>{script}</script></div>"
        )

    def __repr__(self) -> str:
        seen = "\n".join(self.beside)
        return f"your client:\n{seen}\n\nthis page: {EMPTY}" if seen else f"this page: {EMPTY}"


def run(code: str, url: str, *, beside: Iterable[str] = (), proxy: bool = True) -> Block:
    """Run JavaScript in the page that shows this notebook, and show what it says.

    Arguments:
        code: the body of an async function. It has `url`, the server's address as the page
            reaches it; `say(text)`, which adds a line; `guest`, a name that is new each time; and
            `EventSource`, the browser's own, whose streams are closed after 20 seconds.
        url: the server's address in the kernel; it serves a guarded app.
        beside: lines that a client in Python saw, shown beside the page's.
        proxy: run it a second time, through jupyter-server-proxy.

    Returns a `Block` that shows itself. Without a browser it shows `beside` alone. Raises
    `UsageError` for an address that is not a server of this kernel, or code that ends the script.
    """
    if not re.fullmatch(r"http://127\.0\.0\.1:\d+", url):
        raise UsageError(
            expected="the url of a server in this kernel, such as http://127.0.0.1:49152",
            got=repr(url),
            next="Give server.url, where server = serve(page.guard(app)).",
        )
    if found := re.search(r"</script|<!--", code, re.IGNORECASE):
        raise UsageError(
            expected="JavaScript that can stand inside a <script> element",
            got=f"{found[0]!r} in it",
            next="Write it in two pieces, such as '<' + '/script'.",
        )
    return Block(code.strip("\n"), url, tuple(beside), proxy)
