"""Readers that stop, vanish, come back all at once or with absurd positions: the others go on, and nothing grows."""

import http.client
import json
import pathlib
import resource
import socket
import struct
import threading
import time

import pytest

MARKET = "topics=quote:700.HK,depth:700.HK,trade:700.HK,quote:AAPL.US,depth:AAPL.US,trade:AAPL.US"


def opened(bridge, query, extra="", receive_bytes=None):
    """A stream as bare bytes: the socket, with its request sent and nothing read."""
    peer = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if receive_bytes:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    peer.settimeout(20)
    peer.connect((bridge.host, bridge.port))
    peer.sendall(
        f"GET /v1/stream?{query} HTTP/1.1\r\nHost: {bridge.host}:{bridge.port}\r\n"
        f"Authorization: Bearer {bridge.key}\r\n{extra}\r\n".encode())
    return peer


def metric(bridge, name):
    for line in bridge.get("/metrics")[2].decode().splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError(name)


def until(wanted, seconds=30):
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (found := wanted()) and time.monotonic() < end:
        pause.wait(0.05)
    assert found
    return found


def calls(bridge):
    return sum(bridge.sandbox("GET", "counters")["calls"].values())


def test_a_reader_that_stops_gets_the_newest_when_it_goes_on_and_holds_up_nobody(fresh_bridge):
    bridge = fresh_bridge
    bridge.sandbox("POST", "pace", {"interval_ms": 10, "percent": 100, "trades": 1})
    before = bridge.resident_kilobytes()
    stopped = opened(bridge, "topics=quote:700.HK,depth:700.HK", receive_bytes=4096)
    other = bridge.stream(MARKET)
    count = 0
    for event in other.events(60):
        count += event.name in ("quote", "depth", "trade")
        if count >= 4500:
            break
    other.close()
    assert count == 4500
    assert bridge.resident_kilobytes() - before < 16 * 1024
    # What it did not read was merged: far fewer events wait for it than the others had.
    stopped.settimeout(20)
    received, quotes = b"", 0
    while b"event: bye" not in received and quotes < 600:
        chunk = stopped.recv(65536)
        assert chunk
        received += chunk
        quotes = received.count(b"event: quote")
        if time.time() * 1000 - newest_time(received) < 1500:
            break
    stopped.close()
    assert b"event: bye" not in received and quotes < 600
    until(lambda: metric(bridge, "brokerbridge_stream_events_merged_total") > 0)


def newest_time(received):
    """When the newest whole quote was received by the bridge, in milliseconds."""
    import datetime

    at = 0
    for block in received.split(b"\n\n")[:-1]:
        if b"event: quote" not in block:
            continue
        data = block.split(b"data: ", 1)[1].split(b"\n", 1)[0]
        try:
            at = datetime.datetime.fromisoformat(json.loads(data)["received_at"].replace("Z", "+00:00")).timestamp() * 1000
        except ValueError:
            continue
    return at


def test_a_private_topic_is_never_thinned_a_reader_that_stops_is_sent_away(start, tmp_path):
    file = tmp_path / "bridge.yaml"
    file.write_text("limits: {stream_queue_bytes: 16KiB}\n")
    file.chmod(0o600)
    with start("serve", "--sandbox", "--config", str(file)) as bridge:
        stopped = opened(bridge, "topics=session:sandbox", receive_bytes=4096)
        stopped.recv(10)
        follower = bridge.stream("topics=session:sandbox")
        events = follower.events(120)
        ended = lambda: metric(bridge, "brokerbridge_streams") == 1
        for _ in range(400):
            bridge.sandbox("POST", "drop")
            next(event for event in events if event.name == "session" and event.data["state"] == "ready")
            if ended():
                break
        follower.close()
        received = b""
        stopped.settimeout(20)
        while chunk := stopped.recv(65536):
            received += chunk
        stopped.close()
        assert b'"reason":"slow"' in received


def test_a_thousand_readers_come_back_in_a_second_and_cost_the_broker_nothing(fresh_bridge):
    bridge, readers = fresh_bridge, 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < readers + 200:
        readers = hard - 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, readers + 200), hard))
    first = bridge.stream(MARKET)
    last = None
    for event in first.events(20):
        last = event.id
        if event.name == "trade":
            break
    before = calls(bridge)
    peers = []
    try:
        for _ in range(readers):
            peers.append(opened(bridge, MARKET, f"Last-Event-ID: {last}\r\n"))
        retries = set()
        for peer in peers:
            received = b""
            while b"event: hello" not in received and b"0\r\n\r\n" not in received:
                chunk = peer.recv(4096)
                assert chunk
                received += chunk
            assert received.startswith(b"HTTP/1.1 200 ") and b"retry: " in received
            retries.add(received.split(b"retry: ", 1)[1].split(b"\n", 1)[0])
        assert len(retries) > readers / 20, "the times to come back are spread"
        assert bridge.get("/healthz")[0] == 200
        assert calls(bridge) == before
    finally:
        for peer in peers:
            peer.close()
        first.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    until(lambda: metric(bridge, "brokerbridge_streams") == 0)


@pytest.mark.parametrize("position", [
    "nonsense", "0", "-1", "ffffffff.99999999999999999999.1", "00000000.1.1", "99999999999999999999999999", "a.b.c",
    "x" * 4096, "'; drop table", "1e9",
])
def test_a_position_nobody_gave_is_a_gap_and_a_snapshot(bridge, position):
    stream = bridge.stream("topics=quote:700.HK,orders:sandbox", headers={"Last-Event-ID": position})
    names = []
    for event in stream.events(20):
        names.append(event.name)
        if event.name == "hello":
            assert event.data["lossless"] is False and event.data["replay_from"] is None
            assert event.data["requested_id"] == position[:128]
        if event.name == "quote":
            assert event.data["snapshot"] is True
            break
    stream.close()
    assert names[0] == "hello" and names.count("gap") == 2 and names[-1] == "quote"


@pytest.mark.parametrize(("position", "status"), [("\x00", 400), ("\x07", 400), ("x" * 20000, 431)])
def test_a_position_that_no_field_may_hold_is_refused(bridge, position, status):
    peer = opened(bridge, "topics=quote:700.HK", f"Last-Event-ID: {position}\r\n")
    assert peer.recv(100).startswith(f"HTTP/1.1 {status} ".encode())
    peer.close()
    assert bridge.get("/healthz")[0] == 200


def test_what_was_cut_off_in_its_middle_comes_whole_to_a_reader_that_resumes(bridge):
    stream = bridge.stream("topics=quote:700.HK")
    seen = []
    for event in stream.events(20):
        if event.name == "quote":
            seen.append(event)
            if len(seen) >= 4:
                break
    stream.close()
    # As if the connection had been cut behind the first live quote: the others come again, byte for byte.
    resumed = bridge.stream("topics=quote:700.HK", headers={"Last-Event-ID": seen[1].id})
    again = []
    for event in resumed.events(20):
        if event.name == "hello":
            assert event.data["lossless"] is True
        if event.name == "quote":
            again.append(event)
            if len(again) >= 2:
                break
    resumed.close()
    assert [(event.id, event.text) for event in again] == [(event.id, event.text) for event in seen[2:4]]


def test_a_stream_is_kept_from_caches_buffers_and_compression(bridge):
    for extra in ({}, {"Accept-Encoding": "gzip, br, zstd"}):
        connection = bridge.connection()
        connection.request("GET", "/v1/stream?topics=quote:700.HK", headers=bridge.headers(extra))
        response = connection.getresponse()
        assert response.status == 200 and response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store" and response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["Content-Encoding"] is None
        response.close()
        connection.close()


def test_a_key_that_ends_takes_its_open_streams_along(bridge):
    import datetime

    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
    body = {
        "name": "short", "scopes": ["market:read"], "accounts": ["sandbox"],
        "expires": end.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    status, _, made = bridge.request(
        "POST", "/v1/keys", body=json.dumps(body), headers={"Content-Type": "application/json"})
    assert status == 201, made
    own, bridge.key = bridge.key, made["key"]
    try:
        stream = bridge.stream("topics=quote:700.HK")
        last = [event for event in stream.events(30)][-1]
        stream.close()
        assert last.name == "bye" and last.data["reason"] == "expired"
        assert bridge.get("/v1/stream?topics=quote:700.HK")[0] == 204
        assert bridge.get("/v1/quotes?symbols=700.HK")[0] == 401
    finally:
        bridge.key = own


def test_the_kernel_looks_after_readers_that_may_have_vanished(bridge):
    """A reader that disappears without a word answers no probe; the first is due within 15 s, the third ends it."""
    stream = bridge.stream("topics=session:sandbox")
    reader = stream.connection.sock or stream.response.fp.raw._sock
    port = reader.getsockname()[1]

    def probe_is_due():
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            local, remote = (int(fields[place].split(":")[1], 16) for place in (1, 2))
            if (local, remote) == (bridge.port, port):
                kind, left = fields[5].split(":")
                # In hundredths of a second; 2 is the timer of probes.
                return int(kind) == 2 and int(left, 16) <= 1500
        return False

    until(probe_is_due)
    stream.close()


def test_readers_that_break_off_with_a_reset_harm_nobody(bridge):
    other = bridge.stream("topics=quote:700.HK")
    events = other.events(60)
    for _ in range(50):
        peer = opened(bridge, MARKET)
        peer.recv(300)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    for _ in range(20):
        assert next(events).name
    other.close()
    assert bridge.get("/healthz")[0] == 200
    until(lambda: metric(bridge, "brokerbridge_streams") == 0)
