"""A process that may use so much memory and no more: further streams are refused first, then all but what takes risk away."""

import contextlib
import pathlib
import re
import socket
import threading
import time

import pytest

from conftest import Pair, running

MEGABYTE = 1 << 20
ROOM, BODY = 160 * MEGABYTE, 4 * MEGABYTE


def in_use(process):
    resident, shared = (int(word) for word in pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1:3])
    return (resident - shared) * 4096


@pytest.fixture
def bounded(tmp_path):
    """A bridge that may use 160 MB more than it does at rest."""
    with running("sandbox") as sandbox:
        pair = Pair(tmp_path, sandbox, trade_calls=100_000)
        pair.control("limit", trade_rate=False)
        pair.start()
        rest = in_use(pair.bridge.process)
        assert pair.bridge.stop() == 0
        pair.limit = (rest + ROOM) // MEGABYTE * MEGABYTE
        with pair.configuration.open("a") as file:
            file.write(f"limits: {{memory: {pair.limit // MEGABYTE}MiB, body_bytes: {2 * BODY // MEGABYTE}MiB, body_deadline: 120s}}\n")
        try:
            pair.start()
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (tmp_path / "stderr").read_text()[-4000:]


def metric(bridge, name):
    return int(re.search(rf"^brokerbridge_memory_{name} (\d+)$", bridge.get("/metrics", timeout=30)[2].decode(), re.M)[1])


def until(wanted, seconds=60):
    end, pause = time.monotonic() + seconds, threading.Event()
    while not wanted():
        assert time.monotonic() < end
        pause.wait(0.05)


def open_body(bridge, declared):
    peer = socket.create_connection((bridge.host, bridge.port), timeout=20)
    peer.sendall(
        f"POST /v1/screener HTTP/1.1\r\nHost: {bridge.host}:{bridge.port}\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {bridge.key}\r\nContent-Length: {declared}\r\n\r\n".encode())
    return peer


def is_stream_served(bridge):
    stream = bridge.stream("topics=session:main")
    try:
        return any(event.name == "hello" for event in stream.events(5))
    finally:
        stream.close()


def place(bridge, key):
    return bridge.request(
        "POST", "/v1/accounts/main/orders", timeout=40, headers={"Content-Type": "application/json", "Idempotency-Key": key},
        body='{"symbol":"700.HK","side":"buy","type":"limit","quantity":"100","limit_price":"300"}')


def test_streams_are_refused_first_then_requests_and_nothing_grows_on(bounded):
    bridge = bounded.bridge
    bounded.control("trading", paused=True)
    status, _, order = place(bridge, "before")
    assert status == 201 and is_stream_served(bridge) and metric(bridge, "limit_bytes") == bounded.limit
    with contextlib.ExitStack() as held:
        # Bodies that never end, until memory is scarce.
        for _ in range(2 * ROOM // BODY):
            peer = held.enter_context(open_body(bridge, 2 * BODY))
            with contextlib.suppress(OSError):
                peer.sendall(b" " * BODY)
            # Measured four times a second; what comes in between is not seen yet.
            if in_use(bridge.process) > bounded.limit * 0.75:
                time.sleep(0.3)
            if metric(bridge, "stage") == 2:
                break
        until(lambda: metric(bridge, "stage") == 2)
        assert not is_stream_served(bridge)
        status, headers, problem = bridge.get("/v1/accounts")
        assert status == 503 and problem["code"] == "overloaded" and int(headers["Retry-After"]) >= 1
        assert place(bridge, "in need")[0] == 503
        # What takes risk away, and what says how things are, is served.
        assert bridge.get("/healthz")[0] == 200
        assert bridge.request("DELETE", f"/v1/accounts/main/orders/{order['id']}", timeout=40)[0] in (200, 202)
        halt = {"Content-Type": "application/json"}
        status, _, body = bridge.request(
            "PUT", "/v1/accounts/main/kill-switch", body='{"reason":"memory"}', headers=halt)
        assert status == 200, body
        # Further bodies are not read: each is told so and closed.
        before = in_use(bridge.process)
        for _ in range(10):
            with open_body(bridge, 2 * BODY) as late:
                with contextlib.suppress(OSError):
                    late.sendall(b" " * BODY)
                assert late.recv(64).startswith(b"HTTP/1.1 503")
        assert in_use(bridge.process) < before + 5 * BODY
        assert in_use(bridge.process) < bounded.limit
    # Given back, everything is as before.
    until(lambda: metric(bridge, "stage") == 0)
    assert is_stream_served(bridge) and bridge.get("/v1/accounts")[0] == 200
    assert b"memory.scarce" in (bounded.folder / "stderr").read_bytes()
