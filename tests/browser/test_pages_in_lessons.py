"""Lessons 04 and 08 in real JupyterLab: the page's own EventSource, directly and through /proxy/,
and a stranger's page in the same browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from labsupport import serve
from labsupport.page import Guard, run
from labsupport.page.block import EMPTY

if TYPE_CHECKING:
    from tests.browser.jupyterlab import Lab

LESSON = "04_consume_a_stream.ipynb"
SAME = "✓ the same as your client"
BLOCKS = ".jp-OutputArea .labsupport-page"


def shows_the_same(lab: Lab) -> list[list[str]]:
    """The columns of each block, once they say that they saw what the client in Python saw."""
    try:
        lab.page.wait_for_function(FILLED, timeout=60_000)
    finally:  # a failure shows what they say instead
        blocks = [
            [log.inner_text() for log in block.query_selector_all("pre")]
            for block in lab.page.query_selector_all(BLOCKS)
        ]
        print(blocks)  # noqa: T201
    return blocks


FILLED = f"""() => [...document.querySelectorAll('{BLOCKS} [data-way]')].every(
    log => log.textContent.endsWith('{SAME}'))"""
"""Each column of each block says that it saw what the client in Python saw."""

STRANGER = """async ([direct, proxied]) => {
  const source = (url, options) => new Promise(done => {
    const one = new EventSource(url + "/soup?guest=stranger", options);
    one.onopen = () => { one.close(); done("let in"); };
    one.onerror = () => { one.close(); done("refused"); };
  });
  const asked = (url, options) => fetch(url + "/soup?guest=stranger", options)
    .then(answer => answer.type === "opaque" ? "sees nothing" : `reads ${answer.status}`)
    .catch(() => "refused");
  const picture = url => new Promise(done => {
    const one = new Image();
    one.onload = () => done("shown");
    one.onerror = () => done("not shown");
    one.src = url + "/soup?guest=stranger";
  });
  const post = {method: "POST", mode: "no-cors", body: '{"order": "soup"}'};
  return {
    "EventSource": await source(direct),
    "fetch": await asked(direct),
    "blind fetch": await asked(direct, {mode: "no-cors"}),
    "blind post": await asked(direct, post),
    "picture": await picture(direct),
    "EventSource by proxy": await source(proxied, {withCredentials: true}),
    "fetch by proxy": await asked(proxied, {credentials: "include"}),
    "blind fetch by proxy": await asked(proxied, {mode: "no-cors", credentials: "include"}),
  };
}"""


@pytest.fixture(scope="module")
def lab(in_jupyterlab: Lab) -> Lab:
    """The lesson in JupyterLab, all cells run by the menu."""
    in_jupyterlab.open(LESSON, "pages")
    in_jupyterlab.clear_outputs()
    in_jupyterlab.run_all()
    return in_jupyterlab


@pytest.fixture(scope="module")
def url(lab: Lab) -> str:
    """The address of the lesson's server."""
    found = lab.page.get_attribute(BLOCKS, "data-url")
    assert found
    return found


@pytest.fixture(scope="module")
def proxies(lab: Lab) -> str:
    """Where Jupyter's own proxies begin."""
    return str(lab.page.evaluate("location.origin")) + "/proxy/"


def port(url: str) -> str:
    return url.rpartition(":")[2]


@pytest.mark.timeout(300)
def test_the_pages_own_eventsource_sees_what_the_client_in_python_saw(lab: Lab) -> None:
    reconnection, post, seven, odd = shows_the_same(lab)
    for mine, *pages in (reconnection, post, seven, odd):
        assert {page for page in pages} == {f"{mine}\n{SAME}"}
    assert [len(block) for block in (reconnection, post, seven, odd)] == [3, 3, 2, 3]
    # Four connections, and the ids in their Last-Event-ID headers as the server saw them.
    assert reconnection[1].count("connecting") == 3
    assert reconnection[1].endswith(f"closed\nsaid: none, 2, 3, 5\n{SAME}")
    assert post[1].startswith("EventSource: closed\nOne\n")
    assert seven[1].startswith("6 of 7 are seated\none goes, the seventh is seated\n")
    assert odd[1].count("\n") == 10
    assert lab.complaints() == []


@pytest.mark.timeout(300)
def test_jupyters_proxy_makes_a_proper_end_of_a_broken_stream(
    lab: Lab, url: str, proxies: str
) -> None:
    """And adds words of its own, as the lesson says; directly the page sees that it broke."""
    after_two = """async url => {
      const headers = {"Accept": "text/event-stream", "Last-Event-ID": "2"};
      try { return await (await fetch(url + "/soup?guest=test", {headers})).text(); }
      catch { return "broken"; }
    }"""
    assert lab.page.evaluate(after_two, url) == "broken"
    proxied = lab.page.evaluate(after_two, proxies + port(url))
    assert proxied.endswith("id: 4\ndata: reaConnection closed")


@pytest.mark.timeout(300)
def test_a_strangers_page_is_refused_before_the_work(lab: Lab, url: str, proxies: str) -> None:
    """A page of another origin in the same browser, which also has the cookie for Jupyter."""
    stranger, worked = FastAPI(), []
    stranger.add_api_route("/", lambda: HTMLResponse("<h1>You have won</h1>"))
    control = FastAPI()

    @control.api_route("/soup", methods=["GET", "POST"])
    def soup() -> None:
        worked.append("soup")

    with serve(stranger) as elsewhere, serve(control) as unguarded:
        with lab.page.expect_popup() as opened:
            lab.page.evaluate("url => void window.open(url)", elsewhere.url)
        opened.value.wait_for_selector("h1")
        without = opened.value.evaluate(STRANGER, [unguarded.url, proxies + str(unguarded.port)])
        guarded = opened.value.evaluate(STRANGER, [url, proxies + port(url)])
        opened.value.close()
    # The stranger cannot tell the difference. The cook can.
    assert guarded == without
    assert len(guarded) == 8
    assert set(guarded.values()) == {"refused", "sees nothing", "not shown"}
    assert len(worked) == 8
    with httpx.Client(trust_env=False) as client:
        assert client.get(f"{url}/ids?guest=stranger").text == ""
        client.get(f"{url}/soup?guest=program")
        assert client.get(f"{url}/ids?guest=program").text == "none"  # so the list is kept


@pytest.mark.timeout(300)
def test_a_block_that_cannot_reach_its_server_says_why(lab: Lab) -> None:
    def shown(url: str) -> list[str]:
        insert = """html => { document.querySelector("#tried")?.remove();
          const box = document.createElement("div"); box.id = "tried"; document.body.append(box);
          box.append(document.createRange().createContextualFragment(html)); }"""
        lab.page.evaluate(insert, run("say('came in');", url)._repr_html_())
        logs = "[...document.querySelectorAll('#tried [data-way]')].map(log => log.textContent)"
        lab.page.wait_for_function(f"() => {logs}.every(text => text && text !== {EMPTY!r})")
        found: list[str] = lab.page.evaluate(f"() => {logs}")
        return found

    origin = lab.page.evaluate("location.origin")
    nobody = (
        "Nobody there, or this page is refused. Run the notebook again. If the page is yours, let "
        f'it in: page.guard(app, "{origin}").'
    )
    no_guard = (
        "no guard there. Serve with serve(page.guard(app)), and see what python -m labsupport"
    )
    app = FastAPI()
    with serve(Guard(app, [origin])) as server:
        assert shown(server.url) == ["came in", "came in"]
    assert shown(server.url)[0] == nobody
    assert shown(server.url)[1].startswith("Answer 500: " + no_guard)
    with serve(app) as server:
        direct, proxied = shown(server.url)
        assert direct == nobody  # without CORS headers a page cannot tell
        assert proxied.startswith("Answer 404: " + no_guard)
    with serve(Guard(app, [])) as server:
        # Through Jupyter's proxy it is the page's own origin, and Jupyter has asked for its token.
        assert shown(server.url) == [nobody, "came in"]


@pytest.mark.timeout(300)
def test_an_event_called_error_lands_where_the_connections_errors_do(lab: Lab) -> None:
    """The last test: it opens lesson 08 in the place of lesson 04."""
    lab.open("08_keep_the_contract.ipynb", "error")
    lab.clear_outputs()
    lab.run_all()
    ((mine, *pages),) = shows_the_same(lab)
    assert len(pages) == 2 and set(pages) == {f"{mine}\n{SAME}"}
    assert "error" in mine
    assert lab.complaints() == []
