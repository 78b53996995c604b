"""Who is named: bytes first, headers as support, and a setting to change for each."""

import pytest
from probe_captures import at_end, corked, flowing, sized

from labsupport.probe import CULPRITS, judge
from labsupport.wire import Capture

DIRECT = flowing()
CADDY = {"via": "1.1 Caddy", "server": "uvicorn"}
ENVOY = {"server": "envoy", "x-envoy-upstream-service-time": "1"}


def length(size: int) -> dict[str, str]:
    return {"content-length": str(size)}


@pytest.mark.parametrize(
    ("seen", "culprit"),
    [
        (at_end(headers={"server": "nginx/1.22.1"}), "nginx-buffering"),
        (at_end(headers=CADDY), "caddy-response-buffers"),
        (at_end(256, size=256, frames=2, headers=CADDY), "caddy-response-buffers"),
        (at_end(headers=ENVOY, frames=20), "envoy-buffer"),
        (at_end(chunked=False, headers=length(600)), "traefik-buffering"),
        (at_end(64, size=64, frames=2), "traefik-buffering"),
        (at_end(chunked=False, headers={**length(600), "x-varnish": "7"}), "varnish-no-streaming"),
        (at_end(headers={"x-amz-apigw-id": "a"}), "api-gateway-buffering"),
    ],
)
def test_all_at_the_end_is_told_apart_by_framing_and_signature(seen: Capture, culprit: str) -> None:
    found = judge(seen, direct=DIRECT)
    assert (found.verdict, found.culprit) == ("held until the end", culprit)


@pytest.mark.parametrize("server", ["nginx", "envoy", "Caddy", "uvicorn"])
def test_a_signature_alone_accuses_nobody(server: str) -> None:
    found = judge(flowing(headers={"server": server, "x-varnish": "7"}))
    assert found.verdict == "streamed" and found.candidates == ()


def test_bytes_outweigh_a_signature() -> None:
    assert judge(sized(headers={"server": "envoy"})).culprit == "nginx-buffering"
    assert judge(corked(headers={"server": "nginx"})).culprit == "haproxy-cork"


def test_every_culprit_has_a_name_of_its_own_and_says_what_to_change() -> None:
    keys = [culprit.key for culprit in CULPRITS]
    assert len(set(keys)) == len(keys)
    for culprit in CULPRITS:
        assert culprit.cause and culprit.change.endswith("."), culprit.key


def test_candidates_come_likeliest_first_each_with_its_evidence() -> None:
    found = judge(at_end(headers={"server": "nginx"}), direct=DIRECT)
    points = [one.points for one in found.candidates]
    assert points == sorted(points, reverse=True)
    assert all(one.evidence for one in found.candidates)
