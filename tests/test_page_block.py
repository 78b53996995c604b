"""JavaScript in the notebook's page: what is stored, and what cannot be asked for.

That it runs, and shows what it says, is proved in a real browser: browser/test_lesson_04.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_output

from labsupport.authoring.compare import comparison
from labsupport.errors import UsageError
from labsupport.page import run
from labsupport.page.block import EMPTY, SECONDS

SANITIZE = Path(__file__).parent / "sanitize.cfg"
URL = "http://127.0.0.1:49152"


def html(*args: str, **more: object) -> str:
    return run(*args, **more)._repr_html_()  # type: ignore[arg-type]


def test_the_stored_output_is_equal_on_another_port() -> None:
    def output(port: int) -> object:
        shown = run("say(1)", f"http://127.0.0.1:{port}", beside=["1"])
        data, metadata = DisplayFormatter().format(shown)
        return new_output("execute_result", data, metadata=metadata, execution_count=1)

    both = [[output(49152)], [output(8123)]]
    assert comparison(SANITIZE).same(*both)  # type: ignore[arg-type]
    assert not comparison(None).same(*both)  # type: ignore[arg-type]


def test_without_a_browser_it_shows_what_the_client_in_python_saw() -> None:
    block = run("say(1)", URL, beside=["open", "closed"])
    assert repr(block) == f"your client:\nopen\nclosed\n\nthis page: {EMPTY}"
    assert repr(run("say(1)", URL)) == f"this page: {EMPTY}"
    assert block._repr_html_().count(EMPTY) == 2
    assert ">open\nclosed</pre>" in block._repr_html_()


def test_columns_have_headings_and_one_way_may_be_left_out() -> None:
    titles = ["your client", "this page, directly", "this page, through /proxy/"]
    for shown, page in [
        (titles, html("say(1)", URL, beside=["1"])),
        (titles[1:], html("say(1)", URL)),
        (titles[:2], html("say(1)", URL, beside=["1"], proxy=False)),
    ]:
        assert [one for one in titles if f">{one}</th>" in page] == shown
        assert page.count('<th scope="col"') == page.count("<td") == len(shown)


def test_what_a_client_saw_is_text_and_no_markup() -> None:
    page = html("say(1)", URL, beside=['<script>alert("x")</script>'])
    assert page.count("<script>") == 1
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</pre>" in page
    assert (
        'data-beside="[&quot;&lt;script&gt;alert(\\&quot;x\\&quot;)&lt;/script&gt;&quot;]"' in page
    )


def test_what_the_script_opens_is_closed_in_the_end() -> None:
    page = html("new EventSource(url)", URL)
    assert f"setTimeout(() => opened.forEach(source => source.close()), {SECONDS} * 1000)" in page


def test_percent_signs_in_the_code_stay() -> None:
    assert "say(7 % 4 + '100%')" in html("say(7 % 4 + '100%')", URL)


@pytest.mark.parametrize("code", ["'</script>'", "'</SCRIPT >'", "x <!-- y"])
def test_code_that_would_end_the_script_is_refused(code: str) -> None:
    with pytest.raises(UsageError) as error:
        run(code, URL)
    assert str(error.value).startswith("expected JavaScript that can stand inside a <script>")
    assert str(error.value).endswith("Next: Write it in two pieces, such as '<' + '/script'.")


@pytest.mark.parametrize("url", ["https://example.org", URL + "/", "http://localhost:80", '"'])
def test_only_a_server_of_this_kernel_can_be_asked(url: str) -> None:
    with pytest.raises(UsageError) as error:
        run("say(1)", url)
    assert str(error.value) == (
        "expected the url of a server in this kernel, such as http://127.0.0.1:49152, "
        f"got {url!r}. Next: Give server.url, where server = serve(page.guard(app))."
    )
