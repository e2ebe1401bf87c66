"""What a client that never ends costs: nothing that grows, and nobody else's answer."""

import contextlib
import http.client
import socket
import statistics
import time

import pytest

ALLOWED_GROWTH_KILOBYTES = 12 * 1024
ENDLESS_MEGABYTES = 48


def raw(bridge):
    return socket.create_connection((bridge.host, bridge.port), timeout=10)


def answers(bridge):
    status, _, _ = bridge.get("/healthz")
    return status == 200


def pour(bridge, head, piece):
    """Sends `head` and then `piece` again and again, up to a bound; returns what came back before the end."""
    with raw(bridge) as peer:
        received = b""
        peer.sendall(head)
        sent = 0
        with contextlib.suppress(OSError):
            while sent < ENDLESS_MEGABYTES << 20:
                sent += peer.send(piece)
        peer.settimeout(5)
        with contextlib.suppress(OSError):
            while chunk := peer.recv(65536):
                received += chunk
        return received


@pytest.mark.parametrize(
    ("head", "piece", "status"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: %s\r\n", b"X-Endless: " + b"a" * 4000 + b"\r\n", b"431"),
        (b"GET /healthz HTTP/1.1\r\nHost: %s\r\nX-Endless: ", b"a" * 65536, b"431"),
        (b"GET /", b"a" * 65536, b"414"),
        (
            b"POST /v1/accounts HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"0" * 65536,
            b"400",
        ),
        (
            b"POST /v1/accounts HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"10000\r\n" + b"a" * 65536 + b"\r\n",
            b"413",
        ),
        (b"POST /v1/accounts HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000000000\r\n\r\n", b"a" * 65536, b"413"),
    ],
    ids=["fields", "field value", "request target", "chunk size", "chunked body", "declared body"],
)
def test_an_endless_request_is_refused_and_costs_no_memory(bridge, head, piece, status):
    authority = f"{bridge.host}:{bridge.port}".encode()
    before = bridge.resident_kilobytes()
    received = pour(bridge, head.replace(b"%s", authority), piece)
    # The answer may be lost to a reset by a client that never reads; when it arrived, it is the right one.
    if received:
        assert received.startswith(b"HTTP/1.1 " + status), received[:200]
    assert bridge.resident_kilobytes() - before < ALLOWED_GROWTH_KILOBYTES
    assert answers(bridge)


def test_idle_and_slow_connections_do_not_keep_others_waiting(start):
    with start("serve", "--sandbox") as bridge:
        authority = f"{bridge.host}:{bridge.port}"
        held = []
        try:
            before = bridge.resident_kilobytes()
            for _ in range(1000):
                held.append(raw(bridge))
            slow = [raw(bridge) for _ in range(200)]
            held += slow
            for peer in slow:
                peer.sendall(f"GET /healthz HTTP/1.1\r\nHost: {authority}\r\nX-Slow: ".encode())
            times = []
            for turn in range(100):
                for peer in slow[turn % 4 :: 4]:
                    with contextlib.suppress(OSError):
                        peer.sendall(b"a")
                began = time.monotonic()
                client = http.client.HTTPConnection(bridge.host, bridge.port, timeout=10)
                client.request("GET", "/healthz")
                assert client.getresponse().status == 200
                client.close()
                times.append(time.monotonic() - began)
            growth = bridge.resident_kilobytes() - before
            print(f"1,200 connections: {growth} kB, other clients p99 {statistics.quantiles(times, n=100)[98]:.4f} s")
            assert growth < 32 * 1024
            assert statistics.median(times) < 2 and max(times) < 9, "nobody waits for the slow ones' deadline of 10 s"
        finally:
            for peer in held:
                peer.close()
