"""The command: options, exit codes, what is saved, and words instead of tracebacks."""

import json
from pathlib import Path
from typing import Any

import pytest
from apps import piece, start

from labsupport import __main__ as cli
from labsupport.probe.command import run
from labsupport.server import Server, serve
from labsupport.wire import Capture

TOKEN = "sk-hunter2"


class App:
    """Says back what it was asked; `/sse` as a stream of three events, `/json` as JSON."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = (await receive()).get("body", b"")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        self.asked.append({**headers, "method": scope["method"], "body": body, "query": query})
        kind = b"text/event-stream" if scope["path"] == "/sse" else b"application/json"
        await start(send, kind)
        for _ in range(3):
            await piece(send, b"data: %s\n\n" % headers.get("authorization", "").encode())
        await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def server(app: App) -> Any:
    with serve(app) as running:
        yield running


def test_what_curl_users_write_is_what_is_sent(server: Server, app: App) -> None:
    cli.main(["probe", f"{server.url}/sse", "-X", "PUT", "-H", "X-A:  b", "-d", '{"a": 1}'])
    (asked,) = app.asked
    assert (asked["method"], asked["x-a"], json.loads(asked["body"])) == ("PUT", "b", {"a": 1})
    assert asked["accept-encoding"] == "gzip" and asked["content-type"] == "application/json"


def test_a_header_of_ones_own_replaces_ours(server: Server, app: App) -> None:
    cli.main(["probe", f"{server.url}/sse", "-H", "Accept-Encoding: identity"])
    assert app.asked[0]["accept-encoding"] == "identity"


def test_a_body_may_come_from_a_file(server: Server, app: App, tmp_path: Path) -> None:
    (tmp_path / "ask.json").write_text('{"stream": true}')
    cli.main(["probe", f"{server.url}/sse", "-d", f"@{tmp_path / 'ask.json'}"])
    assert json.loads(app.asked[0]["body"]) == {"stream": True}


def test_the_pace_goes_into_url_and_body(server: Server, app: App) -> None:
    body = '{"ms": "{pace}", "note": "every {pace} ms"}'
    url = f"{server.url}/sse?ms={{pace}}"
    cli.main(["probe", url, "-d", body, "--paces", "20,80"])
    assert [asked["query"] for asked in app.asked] == ["ms=20", "ms=80"]
    assert json.loads(app.asked[1]["body"]) == {"ms": 80, "note": "every 80 ms"}


def test_a_token_is_sent_and_neither_shown_nor_saved(
    server: Server, app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("KITCHEN_KEY", TOKEN)
    saved = tmp_path / "run.json"
    wanted = ["probe", f"{server.url}/sse", "--bearer-env", "KITCHEN_KEY", "--save", str(saved)]
    cli.main(wanted)
    cli.main([*wanted, "--json"])
    said = "".join(capsys.readouterr())
    assert app.asked[0]["authorization"] == f"Bearer {TOKEN}"
    kept = Capture.load(saved)
    assert TOKEN not in said and TOKEN.encode() not in kept.request + kept.raw
    assert len(kept.events) == 3


def test_json_is_for_machines(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["probe", f"{server.url}/json", "--json"])
    made = json.loads(capsys.readouterr().out)
    assert code == 1 and made["verdict"] == "no stream"


def test_all_captures_are_saved_beside_each_other(server: Server, tmp_path: Path) -> None:
    url = f"{server.url}/sse"
    cli.main(["probe", url, "--direct", url, "--again", "--save", str(tmp_path / "run.json")])
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["run.again.json", "run.direct.json", "run.json"]


def test_a_picture_can_be_saved(server: Server, tmp_path: Path) -> None:
    cli.main(["probe", f"{server.url}/sse", "--save", str(tmp_path / "run.png")])
    assert (tmp_path / "run.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kitchen"], "expected a URL with http:// or https:// and a host"),
        (["http://a/", "-H", "secret"], "expected -H 'Name: value', got a header without a colon"),
        (["http://a/", "-d", "{x"], "expected a JSON body, @FILE or -"),
        (["http://a/", "-d", "@no-such-file"], "expected a JSON body, @FILE or -"),
        (["http://a/", "--bearer-env", "NO_SUCH"], "a token in the environment variable NO_SUCH"),
        (["http://a/", "--paces", "20"], "expected two paces"),
        (["http://a/", "--paces", "20,80"], "expected {pace} in the URL or the body"),
        (["http://a/", "--deadline", "0"], "expected deadline to be seconds"),
        (["http://a/", "--save", "run.gif"], "expected --save with a name that ends in .png"),
        (["http://a/", "--save", "no/such/run.png"], "expected --save in a folder that is there"),
        (["http://a/", "-H", "Cookie: \x01"], "got something else (not shown)"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["probe", *arguments]) == 2
    said = capsys.readouterr()
    assert words in said.err and said.err.count("\n") == 1 and said.out == ""


def test_a_token_with_a_line_break_is_refused_and_not_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import argparse

    from labsupport.probe.command import arguments

    parser = argparse.ArgumentParser()
    arguments(parser)
    wanted = parser.parse_args(["http://a/", "--bearer-env", "KEY"])
    assert run(wanted, environment={"KEY": "hunter\n2"}) == 2
    assert "hunter" not in capsys.readouterr().err


def test_nobody_at_home_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(App()) as gone:
        url = gone.url
    assert cli.main(["probe", url]) == 1
    assert "got a refused connection; no request was sent" in capsys.readouterr().err


def test_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["probe", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "0: streamed, proven. 1: not proven streamed" in said and "2: wrong use" in said
