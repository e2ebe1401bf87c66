"""Clocks that jump, a process that was stopped, lines that fall silent: told by what the program sees of time."""

import email.utils
import os
import signal
import threading
import time

import pytest

from clocks import Clock
from conftest import Pair, running

LINKS = ("quote", "trade")
HOUR, DAY = 3600, 86400


@pytest.fixture
def timed(tmp_path):
    """A simulated broker on the machine's clock, and a bridge on one of its own."""
    clock = Clock(tmp_path)
    with running("sandbox") as sandbox:
        pair = Pair(tmp_path, sandbox, trade_calls=100_000)
        pair.control("limit", trade_rate=False)
        pair.clock = clock
        try:
            pair.start(clock.environment)
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (tmp_path / "stderr").read_text()[-4000:]


def links(pair):
    status, _, session = pair.bridge.get("/v1/accounts/main/session")
    assert status == 200
    return {link["link"]: link for link in session["links"]}


def until(wanted, seconds=40):
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (found := wanted()):
        assert time.monotonic() < end, "it did not happen"
        pause.wait(0.05)
    return found


def is_ready(pair):
    return all(link["state"] == "ready" for link in links(pair).values())


def losses(pair):
    return {name: link["losses"] for name, link in links(pair).items()}


def seen_by(pair):
    """The program's wall clock."""
    status, headers, _ = pair.bridge.get("/healthz")
    assert status == 200
    return email.utils.parsedate_to_datetime(headers["Date"]).timestamp()


def place(pair, key):
    body = '{"symbol":"700.HK","side":"buy","type":"limit","quantity":"100","limit_price":"300"}'
    return pair.bridge.request(
        "POST", "/v1/accounts/main/orders", body=body, timeout=40,
        headers={"Content-Type": "application/json", "Idempotency-Key": key})


def live_quotes(events, count):
    """Reads on until so many quotes that are no snapshots have come; returns the names of all events on the way."""
    names = []
    for event in events:
        names.append(event.name)
        if event.name == "quote" and not event.data.get("snapshot"):
            count -= 1
            if count == 0:
                return names
    raise AssertionError(names[-20:])


def test_a_wall_clock_that_jumps_costs_no_session_no_order_and_no_stream(timed):
    stream = timed.bridge.stream("topics=quote:700.HK,orders:main")
    events = stream.events(120)
    live_quotes(events, 1)
    calls = timed.broker.sandbox("GET", "counters")["calls"]
    placed = 0
    for number, shift in enumerate([HOUR, -HOUR, 7 * DAY, -7 * DAY, 0]):
        timed.clock.move(wall=shift)
        live_quotes(events, 3)
        until(lambda: abs(seen_by(timed) - time.time() - shift) < 60)
        status, _, answer = place(timed, f"jump-{number}")
        if status != 201:
            # The first call after a jump is refused for its time, and says so; the next one has the broker's time.
            assert status in (424, 502, 503) and answer["retryable"], (status, answer)
            status, _, answer = place(timed, f"jump-{number}-again")
        assert status == 201, (shift, status, answer)
        placed += 1
        assert timed.bridge.get("/v1/quotes?symbols=AAPL.US&max_age_ms=0")[0] == 200
    stream.close()
    assert is_ready(timed) and losses(timed) == {"quote": 0, "trade": 0}
    assert len(timed.broker_orders()) == placed
    later = timed.broker.sandbox("GET", "counters")["calls"]
    assert later["/v1/socket/token"] == calls["/v1/socket/token"], "no link was opened anew"


@pytest.mark.parametrize("is_real", [
    False, pytest.param(True, marks=pytest.mark.skipif("BROKERBRIDGE_LONG" not in os.environ, reason="takes 90 s")),
], ids=["clocks moved", "90 s stopped"])
def test_a_process_that_was_stopped_comes_back_once_and_tells_the_gap(timed, is_real):
    timed.bridge.get("/healthz")
    stream = timed.bridge.stream("topics=quote:700.HK,session:main")
    events = stream.events(240)
    live_quotes(events, 1)
    os.kill(timed.bridge.process.pid, signal.SIGSTOP)
    timed.control("drop")
    timed.control("kick")
    until(lambda: timed.broker.sandbox("GET", "counters")["sockets"] == 0)
    # As long as a virtual machine may rest.
    if is_real:
        threading.Event().wait(90)
    else:
        timed.clock.move(monotonic=90, wall=90)
    os.kill(timed.bridge.process.pid, signal.SIGCONT)
    until(lambda: all(count == 1 for count in losses(timed).values()) and is_ready(timed))
    names = []
    while "gap" not in names:
        names += live_quotes(events, 1)
    live_quotes(events, 3)
    stream.close()
    assert names.count("gap") == 1
    assert losses(timed) == {"quote": 1, "trade": 1}
    counters = timed.broker.sandbox("GET", "counters")
    assert counters["sockets"] == 2 and counters["sockets_opened"] == 4


def test_a_line_that_falls_silent_without_an_end_is_noticed_within_two_heartbeats(timed):
    timed.control("faults", silent=True)
    timed.clock.move(monotonic=61)
    until(lambda: losses(timed) == {"quote": 1, "trade": 1})
    assert "silent" in links(timed)["quote"]["reason"] or "time" in links(timed)["quote"]["reason"]
    timed.control("faults", silent=False)
    until(lambda: is_ready(timed))


def test_a_full_broker_is_left_alone_for_a_minute_and_the_session_resumed(timed):
    before = timed.broker.sandbox("GET", "counters")
    timed.control("limit", connections=0)
    timed.control("drop")
    timed.control("kick")

    def waits():
        now = time.time()
        moments = [link["next_attempt"] for link in links(timed).values()]
        return all(moment and seconds(moment) - now > 40 for moment in moments)

    until(waits)
    assert all(link["state"] == "backing_off" for link in links(timed).values())
    timed.control("limit", connections=10)
    timed.clock.move(monotonic=61)
    until(lambda: is_ready(timed))
    assert timed.broker.sandbox("GET", "counters")["reconnects"] >= before["reconnects"] + 2


def seconds(text):
    import datetime

    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
