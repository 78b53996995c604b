"""No credential is kept: not in a capture, not in its URL, not in an echo."""

import pytest
from probe_captures import flowing, taken

from labsupport.probe.redact import redacted, redacted_url, secret_header
from labsupport.wire import Capture, Chunk, Ending

REQUEST = (
    b"POST /v1?key=hunter2&n=1 HTTP/1.1\r\nhost: kitchen\r\nAuthorization: Bearer hunter2\r\n"
    b"cookie: sid=hunter2\r\nx-api-key:hunter2\r\ncontent-length: 2\r\n\r\n{}"
)


def test_credentials_leave_the_request_and_nothing_else_changes() -> None:
    made = Capture("http://kitchen/v1?key=hunter2&n=1", REQUEST, (), Ending.CLEAN)
    kept = redacted(made)
    assert b"hunter2" not in kept.request and "hunter2" not in kept.url
    assert kept.url == "http://kitchen/v1?key=***&n=1"
    assert b"host: kitchen\r\nAuthorization: **************\r\n" in kept.request
    assert kept.request.endswith(b"content-length: 2\r\n\r\n{}")


def test_a_cookie_that_the_server_sets_is_overwritten_in_place() -> None:
    made = taken([(0.1, [b"data: a\n\n"])], headers={"set-cookie": "sid=hunter2"})
    kept = redacted(made)
    assert kept.headers["set-cookie"] == "*" * 11
    assert (len(kept.raw), kept.events) == (len(made.raw), made.events)


def test_a_token_that_the_server_echoes_is_overwritten_across_reads() -> None:
    made = flowing(1)
    cut = taken([(0.1, [b"data: hun"]), (0.2, [b"ter2 hunter2\n\n"])], chunked=False)
    assert b"hunter2" not in redacted(cut, ["hunter2"]).raw
    assert redacted(made, ["hunter2"]) == made


def test_a_capture_without_secrets_stays_as_it_is() -> None:
    made = flowing(5)
    assert redacted(made) == made


def test_a_body_line_that_looks_like_a_header_is_left_alone() -> None:
    made = taken([(0.1, [b"data: a\nauthorization: x\n\n"])])
    assert redacted(made).body == made.body


@pytest.mark.parametrize("name", ["Authorization", "cookie", "X-Api-Key", "proxy-authorization"])
def test_headers_with_credentials_are_known(name: str) -> None:
    assert secret_header(name) and not secret_header(f"{name}-date")


@pytest.mark.parametrize("field", ["key", "api_key", "access_token", "TOKEN"])
def test_query_fields_with_credentials_are_known(field: str) -> None:
    assert redacted_url(f"http://a/?b=1&{field}=s#x") == f"http://a/?b=1&{field}=***#x"
    assert redacted_url("http://a/?monkey=1") == "http://a/?monkey=1"


def test_nothing_read_yet_is_no_error() -> None:
    kept = redacted(Capture("http://kitchen/", b"", (Chunk(0.1, b""),), Ending.CLEAN), ["x"])
    assert kept.raw == b""
