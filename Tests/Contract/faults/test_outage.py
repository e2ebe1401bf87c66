"""A broker that is down for ten minutes: each link tries alone and seldom, and comes back once."""

import threading
import time

import pytest

from clocks import Clock
from conftest import Pair, running
from gates import Gated
from test_clocks import links, losses, seconds

STEP, OUTAGE, LONGEST = 10, 600, 60


@pytest.fixture
def gated(tmp_path):
    """A bridge on a clock of its own, with the waits of a real account, and gates between it and its broker."""
    clock = Clock(tmp_path)
    with running("sandbox") as sandbox:
        broker = Gated(sandbox)
        pair = Pair(tmp_path, broker)
        pair.configuration.write_text(pair.configuration.read_text().replace("environment: sandbox", "environment: paper"))
        pair.clock, pair.shift = clock, 0
        try:
            pair.start(clock.environment)
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (tmp_path / "stderr").read_text()[-4000:]
            broker.close()


def advance(pair, by):
    pair.shift += by
    pair.clock.move(wall=pair.shift, monotonic=pair.shift)


def waiting(pair):
    """The links, once each waits for an attempt that is not yet due."""
    end, pause = time.monotonic() + 30, threading.Event()
    while True:
        found = links(pair)
        now = time.time() + pair.shift
        if all(link["state"] == "backing_off" and seconds(link["next_attempt"]) > now for link in found.values()):
            return found, now
        assert time.monotonic() < end, found
        pause.wait(0.01)


def until_ready(pair):
    """Time passes until both links are back. It stands still while one of them dials, and goes in steps that no line takes
    for silence while one of them is ready."""
    end, pause = time.monotonic() + 60, threading.Event()
    while True:
        found = links(pair).values()
        states = {link["state"] for link in found}
        if states == {"ready"}:
            return
        assert time.monotonic() < end, found
        if states <= {"ready", "backing_off"}:
            due = max(seconds(link["next_attempt"]) for link in found if link["next_attempt"]) - time.time() - pair.shift
            if due > 0.5:
                advance(pair, min(due, 20) if "ready" in states else due)
        pause.wait(0.05)


def test_an_outage_of_ten_minutes_brings_no_storm(gated):
    opened = gated.broker.sandbox("GET", "counters")["sockets_opened"]
    gated.broker.shut()
    while gated.shift < OUTAGE:
        found, now = waiting(gated)
        assert all(seconds(link["next_attempt"]) - now <= LONGEST + 1 for link in found.values()), (found, now)
        advance(gated, STEP)
    found, _ = waiting(gated)
    attempts = {name: link["attempts"] for name, link in found.items()}
    # 1, 2, 4 … 60 s at most, each anything down to nothing by chance: some twenty. One a second would be 600.
    assert all(8 <= count <= 70 for count in attempts.values()), attempts
    assert all(gate.knocks <= 150 for gate in gated.broker.gates.values())
    gated.broker.open()
    until_ready(gated)
    counters = gated.broker.sandbox("GET", "counters")
    assert counters["sockets"] == 2 and counters["sockets_opened"] == opened + 2
    assert gated.broker.gates["quote"].most_at_once == 1 and gated.broker.gates["trade"].most_at_once == 1
    assert losses(gated) == {"quote": 1, "trade": 1}
    status, _, quotes = gated.bridge.get("/v1/quotes?symbols=700.HK&max_age_ms=0")
    assert status == 200 and quotes["data"]
    # Back for less than a minute is not stable: the waits go on where they were.
    gated.broker.shut()
    found, _ = waiting(gated)
    assert all(found[name]["attempts"] > attempts[name] for name in attempts), (found, attempts)
    gated.broker.open()
    until_ready(gated)
