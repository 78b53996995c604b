"""The request that `record` sends: checked, and turned into bytes.

Rule: nothing that a caller passes can become a header line, or a request, of its own.
"""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from .errors import UsageError

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A method or a header's name (RFC 9110, 5.6.2)."""


@dataclass(frozen=True, slots=True)
class Request:
    """Where to connect and the bytes to send there."""

    url: str
    host: str
    port: int
    tls: bool
    method: str
    data: bytes


def build(
    url: str,
    method: str | None = None,
    headers: Mapping[str, str] | None = None,
    json: object = None,
    body: bytes | str | None = None,
) -> Request:
    """The HTTP/1.1 request for these arguments. Raises `UsageError` for what cannot be sent."""
    if json is not None and body is not None:
        raise UsageError(
            expected="json or body",
            got="both",
            next="Pass json=... for an object, or body=... for bytes of your own.",
        )
    fields = {"accept": "text/event-stream", "user-agent": "labsupport"}
    if json is not None:
        fields["content-type"] = "application/json"
        body = _dump(json)
    if isinstance(body, str):
        body = body.encode()
    if body is not None and not isinstance(body, bytes):
        raise UsageError(
            expected="a body of bytes or str", got=repr(body), next="Use json=... for an object."
        )
    method = (method or ("GET" if body is None else "POST")).upper()
    if not TOKEN.fullmatch(method):
        raise UsageError(
            expected="a method such as GET or POST",
            got=repr(method),
            next="Leave method out for GET, or for POST when there is a body.",
        )
    host, port, tls, authority, target = _split(url)
    if body is not None or method in ("POST", "PUT", "PATCH"):
        fields["content-length"] = str(len(body or b""))
    if not isinstance(headers, Mapping | None):
        raise UsageError(
            expected="headers as a dict", got=repr(headers), next='Write {"last-event-id": "7"}.'
        )
    for name, value in (headers or {}).items():
        _check_header(name, value)
        fields[name.lower()] = value
    lines = [f"{method} {target} HTTP/1.1", f"host: {fields.pop('host', authority)}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    data = "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
    return Request(url, host, port, tls, method, data)


def _split(url: str) -> tuple[str, int, bool, str, str]:
    """Host, port, whether TLS, the Host header and the request target."""
    hint = "Write it as http://127.0.0.1:8000/stream; serve(app).url gives the first part."

    def wrong(got: str) -> UsageError:
        return UsageError(expected="a URL with http:// or https:// and a host", got=got, next=hint)

    if not isinstance(url, str) or re.search(r"[\x00-\x1f\x7f]", url):
        raise wrong(repr(url))  # urlsplit would drop a line break without a word
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if port == 0:
            raise ValueError("port 0 cannot be connected to")
        ascii_host = host if ":" in host else host.encode("idna").decode()
    except ValueError as error:  # a port out of range, a broken IPv6 address, an odd host name
        raise wrong(f"{url!r} ({error})") from error
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", host):
        raise wrong(repr(url))
    if parts.username is not None:
        raise UsageError(
            expected="a URL without a user and password",
            got="one that has them",
            next='Send them as headers={"authorization": ...}.',
        )
    authority = f"[{host}]" if ":" in host else ascii_host
    if port is not None:
        authority += f":{port}"
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]")
    tls = parts.scheme == "https"
    return ascii_host, port or (443 if tls else 80), tls, authority, target


def _check_header(name: object, value: object) -> None:
    if not isinstance(name, str) or not TOKEN.fullmatch(name):
        raise UsageError(
            expected="a header name of letters, digits and dashes",
            got=repr(name),
            next='Pass headers as a dict, such as {"last-event-id": "7"}.',
        )
    if not isinstance(value, str) or re.search(r"[\r\n\0]|[^\x00-\xff]", value):
        raise UsageError(
            expected=f"a value of {name} in one line of latin-1 text",
            got=repr(value),
            next="A line break would start another header; take it out, and encode other text.",
        )


def _dump(json: object) -> bytes:
    try:
        return json_module.dumps(json, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            expected="json made of dicts, lists, strings, numbers, True, False and None",
            got=f"{type(json).__name__} ({error})",
            next="Convert it first, for example with .model_dump(mode='json').",
        ) from error
