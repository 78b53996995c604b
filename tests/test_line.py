"""The judge's end of the socket: whatever comes, by a deadline, within bounds."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from labsupport.grading.line import Flooded, Gone, Line, Raised, Silent, words
from labsupport.grading.values import MOST


@pytest.fixture
def pair() -> Iterator[tuple[Line, socket.socket]]:
    ours, theirs = socket.socketpair()
    line = Line(ours, 5.0)
    yield line, theirs
    line.close()
    theirs.close()


Pair = tuple[Line, socket.socket]


def told(line: Line) -> dict[str, object]:
    return line.hear(line.deadline())


def test_a_message_goes_and_comes(pair: Pair) -> None:
    line, other = pair
    line.ask({"do": "names"})
    assert json.loads(other.recv(100)) == {"do": "names"}
    other.sendall(b'{"value": 1}\n{"value": 2}\n')
    assert (line.final(told(line)), line.final(told(line))) == (1, 2)


def test_a_message_may_come_byte_by_byte(pair: Pair) -> None:
    line, other = pair
    text = '{"value": "süß"}\n'.encode()
    sender = threading.Thread(
        target=lambda: [other.send(text[at : at + 1]) for at in range(len(text))]
    )
    sender.start()
    assert line.final(told(line)) == "süß"
    sender.join()


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\n",
        b"[]\n",
        b"1\n",
        b"\n",
        b"{\n",
        b"[" * 5000 + b"\n",
        b'{"a":' + b"9" * 5000 + b"}\n",
    ],
    ids=repr,
)
def test_what_is_no_message_ends_the_line(pair: Pair, said: bytes) -> None:
    line, other = pair
    other.sendall(said)
    with pytest.raises(Gone, match="a line with a JSON object"):
        told(line)
    assert line.dead
    with pytest.raises(Gone):
        line.say({})


@pytest.mark.parametrize(
    "value", ['{"$bytes": "!"}', "[" * 99 + "]" * 99, '{"$object": 1}', '{"$tuple": 1}']
)
def test_a_value_that_is_none_ends_the_line(pair: Pair, value: str) -> None:
    line, other = pair
    other.sendall(f'{{"value": {value}}}\n'.encode())
    with pytest.raises(Gone, match="it is gone"):
        line.final(told(line))


def test_silence_ends_with_the_patience(pair: Pair) -> None:
    line, other = pair
    line.patience = 0.05
    with pytest.raises(Silent, match=r"an answer within 0\.05 s, got none"):
        told(line)
    assert line.dead


def test_somebody_who_never_listens_is_silent_too(pair: Pair) -> None:
    line, _ = pair
    line.patience = 0.05
    with pytest.raises(Silent):
        line.say({"item": "x" * 3_000_000})


def test_no_request_goes_on_after_the_time_for_all(pair: Pair) -> None:
    line, other = pair
    other.sendall(b'{"want": 0}\n' * 10)
    told(line)
    line.until = time.monotonic()  # the next message is there already
    with pytest.raises(Silent, match="within the time for all checks"):
        told(line)


def test_one_request_brings_no_more_than_its_bound(pair: Pair) -> None:
    line, other = pair

    def flood() -> None:
        try:
            while True:
                other.sendall(b'{"out": 0}\n' * 1000)
        except OSError:
            return

    sender = threading.Thread(target=flood)
    sender.start()
    count = 0
    with pytest.raises(Gone, match="it said too much at once"):
        while True:
            told(line)
            count += 1
    line.close()
    sender.join()
    assert MOST // 11 - 20_000 < count <= MOST // 11


def test_a_new_request_has_a_new_bound(pair: Pair) -> None:
    line, other = pair
    for _ in range(3):
        line.ask({})
        sent = threading.Thread(target=other.sendall, args=(b'{"value": "%s"}\n' % (b"x" * 2**21),))
        sent.start()
        assert len(line.final(told(line))) == 2**21
        sent.join()


def test_an_end_is_gone_and_a_watcher_may_know_why(pair: Pair) -> None:
    line, other = pair
    line.why = lambda gone: Flooded(expected="less", got="too much", next=gone.next)
    other.close()
    with pytest.raises(Flooded, match="got too much"):
        told(line)


def test_what_it_raised_is_its_own_words_and_no_orders(pair: Pair) -> None:
    line, other = pair
    told_ = {"type": "X\x1b[2J" + "y" * 999, "said": [1], "where": [{}, "a\nb", "z" * 999]}
    with pytest.raises(Raised) as caught:
        line.final({"raised": told_})
    assert caught.value.type == "X\ufffd[2J" + "y" * 95
    assert (caught.value.said, len(caught.value.where[-1])) == ("[1]", 200)
    with pytest.raises(Raised):
        line.final({"raised": 7})


def test_words_are_cut_and_cleaned() -> None:
    assert words("a\x00\x1b\x9b\ud800\tb\nc", 99) == "a\ufffd\ufffd\ufffd\ufffd\tb\nc"
    assert words(None, 9) == ""
    assert words("abc", 2) == "ab"
