"""Messages that are none, or two: refused by the running program with one problem each, whatever stands behind them."""

import http.client
import json
import pathlib
import re
import resource
import socket
import subprocess
import threading
import time

import pytest

from conftest import binary

ORDER = b'{"symbol":"700.HK","side":"buy","type":"limit","quantity":"100","limit_price":"300"}'


def exchange(bridge, message, seconds=20):
    """Everything that comes back until the server closes, or the time is up."""
    with socket.create_connection((bridge.host, bridge.port), timeout=seconds) as peer:
        peer.sendall(message)
        received = b""
        try:
            while chunk := peer.recv(65536):
                received += chunk
        except (TimeoutError, ConnectionResetError):
            pass
        return received


def authority(bridge):
    return f"{bridge.host}:{bridge.port}".encode()


def head(bridge, line, *fields):
    return line + b"\r\n" + b"\r\n".join([b"Host: " + authority(bridge), *fields]) + b"\r\n\r\n"


def problem(answer):
    status = int(answer.split(b" ", 2)[1])
    assert b"Content-Type: application/problem+json\r\n" in answer, answer[:300]
    return status, json.loads(answer.split(b"\r\n\r\n", 1)[1])


@pytest.mark.parametrize(("line", "fields", "status"), [
    (b"GET /healthz HTTP/1.1", [b"X: \0"], 400), (b"GET /healthz HTTP/1.1", [b"Bad Name: x"], 400),
    (b"GET /healthz HTTP/1.1", [b" folded: x"], 400), (b"GET //healthz HTTP/1.1", [], 400),
    (b"GET /../etc/passwd HTTP/1.1", [], 400), (b"GET /v1/%2e%2e/healthz HTTP/1.1", [], 400),
    (b"GET /docs%2f..%2fetc HTTP/1.1", [], 400), (b"GET /healthz%00 HTTP/1.1", [], 400),
    (b"GET /healthz;x=1 HTTP/1.1", [], 400), (b"GET /healthz\\ HTTP/1.1", [], 400),
    (b"GET /healthz HTTP/1.1", [b"Host: other"], 400), (b"GET /healthz HTTP/2.0", [], 505),
    (b"PRI * HTTP/2.0", [], 400), (b"CONNECT a:1 HTTP/1.1", [], 501), (b"PUT /healthz HTTP/1.1", [b"Expect: wonders"], 417),
    (b"POST /v1/keys HTTP/1.1", [b"Content-Length: 1", b"Content-Length: 2"], 400),
    (b"POST /v1/keys HTTP/1.1", [b"Transfer-Encoding: gzip"], 501),
    (b"POST /v1/keys HTTP/1.1", [b"Content-Length: 1000000000000"], 413),
    (b"GET /" + b"a" * 20000 + b" HTTP/1.1", [], 414), (b"GET /healthz HTTP/1.1", [b"X: " + b"a" * 20000], 431),
])
def test_what_is_no_request_is_one_problem_and_the_end(bridge, line, fields, status):
    answer = exchange(bridge, head(bridge, line, *fields))
    assert problem(answer)[0] == status
    assert answer.count(b"HTTP/1.1 %d " % status) == 1 and b"Connection: close\r\n" in answer
    assert bridge.get("/healthz")[0] == 200


@pytest.mark.parametrize("bytes_", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-x\r\n", b"\0" * 64, b"GET\r\n\r\n"])
def test_another_protocol_is_refused(bridge, bytes_):
    assert problem(exchange(bridge, bytes_))[0] == 400
    assert bridge.get("/healthz")[0] == 200


@pytest.mark.parametrize("upgrade", [
    [b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="],
    [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"],
])
def test_no_upgrade_is_granted(bridge, upgrade):
    answer = exchange(bridge, head(bridge, b"GET /healthz HTTP/1.1", *upgrade, b"Connection: close"))
    assert answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 ")) and b" 101 " not in answer.split(b"\r\n", 1)[0]


@pytest.mark.parametrize("framing", [
    [b"Content-Length: 5", b"Transfer-Encoding: chunked"], [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
    [b"Transfer-Encoding: chunked, identity"], [b"Transfer-Encoding : chunked"], [b"Transfer-Encoding: \x0bchunked"],
    [b"Content-Length: +5"], [b"Content-Length: 0x5"], [b"Content-Length: 5", b"content-length: 6"],
    [b"X: y\nTransfer-Encoding: chunked"],
])
def test_a_request_inside_an_ambiguous_one_is_not_carried_out(bridge, framing):
    listing = "/v1/accounts/sandbox/orders?status=all&symbols=700.HK"
    before = [order["id"] for order in bridge.get(listing)[2]["data"]]
    key = b"Authorization: Bearer " + bridge.key.encode()
    inner = head(
        bridge, b"POST /v1/accounts/sandbox/orders HTTP/1.1", key, b"Idempotency-Key: smuggled",
        b"Content-Type: application/json", b"Content-Length: %d" % len(ORDER)) + ORDER
    outer = head(bridge, b"POST /v1/watchlists HTTP/1.1", key, b"Content-Type: application/json", *framing)
    answer = exchange(bridge, outer + b"0\r\n\r\n" + inner)
    assert answer.count(b"HTTP/1.1 ") == 1 and problem(answer)[0] in (400, 501), answer[:300]
    assert [order["id"] for order in bridge.get(listing)[2]["data"]] == before


def test_ten_thousand_requests_at_once_are_answered_in_order(bridge):
    count = 10_000
    one = head(bridge, b"GET /healthz HTTP/1.1", b"X-Request-Id: %06d")
    with socket.create_connection((bridge.host, bridge.port), timeout=60) as peer:
        sender = threading.Thread(target=lambda: peer.sendall(b"".join(one % number for number in range(count))))
        sender.start()
        received = b""
        found = 0
        while found < count:
            chunk = peer.recv(1 << 20)
            assert chunk, received[-300:]
            found += (received[-20:] + chunk).count(b"HTTP/1.1 200 ") - received[-20:].count(b"HTTP/1.1 200 ")
            received += chunk
        sender.join()
    order = [int(number) for number in re.findall(rb"X-Request-Id: (\d{6})\r\n", received)]
    assert order == list(range(count))


@pytest.mark.parametrize("body", [
    b"", b"{", b'{"name":"a"', b"[" * 100_000, b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"name":"a","name":"b"}', b'{"name":NaN}',
    b"\xef\xbb\xbf{}", '{"name":"a"}'.encode("utf-16"), b'{"name":"\\x"}', b'{"name":"\\ud800"}', b'{"name":"\xff"}',
    b'{"name":"a"}trailing', b"{'name':'a'}", b'{"name":01}', b'{"name":"a\x00"}',
    b"{" + b",".join(b'"k%d":1' % number for number in range(50_000)) + b"}",
], ids=range(17))
def test_a_body_that_is_no_json_is_400(bridge, body):
    began = time.monotonic()
    status, _, answer = bridge.request("POST", "/v1/keys", body=body, headers={"Content-Type": "application/json"})
    assert status == 400 and answer["code"] in ("malformed_json", "unknown_field"), answer
    assert time.monotonic() - began < 5
    assert bridge.get("/healthz")[0] == 200


@pytest.mark.parametrize(("path", "field"), [
    ("/v1/quotes?symbols=700.HK&symbols=5.HK", "symbols"), ("/v1/quotes?symbols=700.HK&nonsense=1", "nonsense"),
    ("/v1/depth/700.HK?levels=ten", "levels"), ("/v1/trades/700.HK?limit=1001", "limit"), ("/v1/trades/700.HK?limit=-1", "limit"),
    ("/v1/accounts/sandbox/orders?cursor=nonsense", "cursor"), ("/v1/accounts/sandbox/orders?cursor=" + "A" * 200, "cursor"),
    ("/v1/audit?cursor=nonsense", "cursor"), ("/v1/quotes?symbols=700.HK&max_age_ms=1e9", "max_age_ms"),
])
def test_a_query_that_is_wrong_is_400_and_named(bridge, path, field):
    status, _, answer = bridge.get(path)
    assert status == 400 and answer["field"] == field, answer


@pytest.mark.parametrize(("asked", "meant"), [
    ("AAPL.HK", ["AAPL.US"]), ("700.US", ["700.HK"]), ("600519.SZ", ["600519.SH"]), ("858.SH", ["858.HK", "000858.SZ"]),
    ("ZZZZ.US", None), ("99999.HK", None),
])
def test_a_security_of_another_market_is_suggested(bridge, asked, meant):
    for path in (f"quotes?symbols={asked}", f"depth/{asked}?account=sandbox", f"depth/{asked}?account=sandbox-futu"):
        status, _, answer = bridge.get(f"/v1/{path}")
        assert (status, answer.get("suggestions")) == (422, meant), (path, answer)
    status, _, answer = bridge.get(f"/v1/quotes?symbols={asked},700.HK")
    assert status == 200 and answer["errors"][0]["problem"].get("suggestions") == meant, answer


@pytest.mark.parametrize("path", ["quotes", "instruments", "indicators", "options/quotes", "warrants/quotes"])
def test_a_security_nobody_knows_names_the_parameter(bridge, path):
    fields = "&fields=volume" if path == "indicators" else ""
    for symbols in ("99999.HK", "nonsense"):
        status, _, answer = bridge.get(f"/v1/{path}?symbols={symbols}{fields}")
        assert (status, answer["code"], answer["field"]) == (422, "invalid_symbol", "symbols"), answer
    status, _, answer = bridge.get("/v1/quotes?symbols=99999.HK,nonsense,700.HK")
    assert status == 200 and {error["problem"]["field"] for error in answer["errors"]} == {"symbols"}


def test_more_clients_than_files_are_outlasted(tmp_path):
    """Three times as many connections as the process may open: they wait or are closed, it does not spin, it recovers.

    What it has in reserve meanwhile: calls to the broker, the disk, another listener that says that it lives.
    """
    ready, limit = tmp_path / "ready", 400
    (tmp_path / "bridge.yaml").write_text("metrics: {listen: '127.0.0.1:0'}\n")
    (tmp_path / "bridge.yaml").chmod(0o600)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 3 * limit + 200)), hard))
    with open(tmp_path / "stderr", "wb") as errors:
        process = subprocess.Popen(
            [binary(), "serve", "--sandbox", "--config", str(tmp_path / "bridge.yaml"), "--listen", "127.0.0.1:0", "--state",
             str(tmp_path / "state"), "--ready-file", str(ready)], stdout=subprocess.DEVNULL, stderr=errors,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
    peers, pause = [], threading.Event()
    try:
        end = time.monotonic() + 30
        while not ready.exists() and time.monotonic() < end:
            pause.wait(0.02)
        told = json.loads(ready.read_text())
        host, port = told["url"].removeprefix("http://").split(":")
        aside = re.search(r'"event":"metrics.listening".*?"address":"([^"]+)"', (tmp_path / "stderr").read_text())[1]
        known = http.client.HTTPConnection(host, int(port), timeout=40)

        def ask(method, path, body=None, **fields):
            known.request(method, path, body=body, headers={"Authorization": f"Bearer {told['key']}", **fields})
            answer = known.getresponse()
            return answer.status, json.loads(answer.read())

        assert ask("GET", "/v1/accounts")[0] == 200
        for _ in range(3 * limit):
            peer = socket.socket()
            peer.setblocking(False)
            peers.append(peer)
            try:
                peer.connect((host, int(port)))
            except BlockingIOError:
                pass
        pause.wait(1)
        before = processor_seconds(process.pid)
        pause.wait(2)
        # Waiting costs next to nothing: accepting is paused, not tried again and again.
        assert processor_seconds(process.pid) - before < 1.5
        # Who was there before is served, from the broker and onto the disk.
        assert ask("GET", "/v1/quotes?symbols=AAPL.US&max_age_ms=0")[0] == 200
        fields = {"Content-Type": "application/json", "Idempotency-Key": "in-the-crowd"}
        assert ask("POST", "/v1/accounts/sandbox/orders", ORDER, **fields)[0] == 201
        for path in ("/healthz", "/readyz", "/metrics"):
            other = http.client.HTTPConnection(aside, timeout=20)
            other.request("GET", path)
            assert other.getresponse().status == 200
            other.close()
        known.close()
        for peer in peers:
            peer.close()
        peers.clear()
        end = time.monotonic() + 60
        while True:
            try:
                client = http.client.HTTPConnection(host, int(port), timeout=5)
                client.request("GET", "/v1/quotes?symbols=700.HK", headers={"Authorization": f"Bearer {told['key']}"})
                if client.getresponse().status == 200:
                    break
            except OSError:
                pass
            finally:
                client.close()
            assert time.monotonic() < end and process.poll() is None
            pause.wait(0.1)
    finally:
        for peer in peers:
            peer.close()
        process.terminate()
        assert process.wait(15) == 0, (tmp_path / "stderr").read_text()[-2000:]
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
