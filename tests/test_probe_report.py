"""A finding as text, HTML and JSON: stable where it is compared, whole where it is read."""

import json

from probe_captures import at_end, corked, event, flowing, sized, taken

from labsupport.probe import judge

KEYS = {
    "verdict", "streamed", "held", "culprit", "cause", "evidence", "next", "candidates", "seen",
}  # fmt: skip


def test_the_short_form_is_the_verdict_the_cause_the_evidence_and_what_to_do() -> None:
    found = judge(sized(headers={"server": "nginx"}), direct=flowing())
    assert repr(found) == (
        "held until 4096 bytes\n"
        "cause     nginx holds a body that is not chunked (proxy_buffering on)\n"
        "evidence  direct: event by event; path: events in lumps\n"
        "          chunks of 3956, 4096, 4096... bytes, cut inside events\n"
        "          4096 - 140: the upstream's response head takes its place in nginx's first "
        "buffer\n"
        "          Server: nginx\n"
        "or        a buffer that has no signature known here\n"
        "next      In nginx, for this location: proxy_http_version 1.1; (a chunked upstream "
        "passes at once) or proxy_buffering off; or let the app send X-Accel-Buffering: no."
    )


def test_the_short_form_of_a_stream_is_the_same_on_every_machine() -> None:
    assert repr(judge(flowing(20, every=0.05))) == repr(judge(flowing(33, every=0.07)))


def test_no_line_of_the_short_form_ends_in_a_space() -> None:
    for seen in (flowing(), at_end(), corked(), flowing(1), flowing(0)):
        assert all(line == line.rstrip() for line in repr(judge(seen)).splitlines())


def test_details_have_the_numbers_and_say_what_is_not_proven() -> None:
    held, streamed = judge(at_end()), judge(flowing())
    assert "at   1000 ms     600 bytes, 20 events" in held.details
    assert held.details.endswith("\nNot proven streamed.")
    assert "first event 2 ms" in streamed.details and "Not proven" not in streamed.details
    assert "and 12 more bursts" in streamed.details


def test_details_name_who_stands_in_the_path() -> None:
    said = judge(flowing(headers={"via": "1.1 kitchen (squid/5.7)", "cf-ray": "7"})).details
    assert "path      Cloudflare, Via 1.1 kitchen (squid/5.7)" in said


def test_details_tell_heartbeats_and_the_other_captures() -> None:
    seen = taken([(n, [b": ping\n\n", event(n)]) for n in (1, 2, 3)])
    said = judge(seen, direct=flowing(), again=flowing()).details
    assert "heartbeat 3 comment lines, every 1.0 s" in said
    assert "direct    Capture(200" in said and "again     Capture(200" in said


def test_no_data_of_an_event_is_in_any_output() -> None:
    seen = taken([(0.1 * n, [b"data: private\n\n"]) for n in range(5)])
    found = judge(seen)
    everything = found.details + repr(found) + json.dumps(found.as_dict()) + found._repr_html_()
    assert "private" not in everything


def test_json_has_every_key_whatever_was_found() -> None:
    for seen in (flowing(), at_end(), sized(), flowing(0), taken([], status="500 X")):
        made = json.loads(json.dumps(judge(seen).as_dict()))
        assert set(made) == KEYS
        assert {"url", "status", "bursts", "ending", "heartbeat"} < set(made["seen"])


def test_json_names_a_verdict_that_cannot_be_told_with_null() -> None:
    made = judge(at_end()).as_dict()
    assert (made["verdict"], made["streamed"], made["held"]) == ("cannot tell", False, None)
    assert set(made["candidates"][0]) == {"culprit", "cause", "evidence", "change"}


def test_html_is_escaped() -> None:
    page = judge(taken([], status="500 X", kind="<script>"))._repr_html_()
    assert "<script>" not in page and "&lt;script&gt;" in page
