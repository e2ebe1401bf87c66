"""The broker's HTTP interface behind a TLS server that offers HTTP/2, or does not: nginx, which says what it was spoken to in."""

import concurrent.futures
import contextlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest

from conftest import Pair, running

CALLS = 60


@contextlib.contextmanager
def in_front_of(target, folder, offers):
    """An nginx that passes on what it is asked over TLS; yields its address, its certificate and its log."""
    key, chain, log = folder / "key.pem", folder / "chain.pem", folder / "access.log"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
         "-out", chain, "-days", "30", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    log_format spoken '$server_protocol $connection $status $request_uri';
    access_log {log} spoken;
    {paths}
    server {{
        listen 127.0.0.1:{port} ssl {offers};
        ssl_certificate {chain};
        ssl_certificate_key {key};
        location / {{ proxy_pass {target}; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
""")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with open(folder / "error.log", "wb") as errors:
        process = subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf"], stderr=errors)
    try:
        end, pause = time.monotonic() + 30, threading.Event()
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None and time.monotonic() < end, (folder / "error.log").read_text()
            pause.wait(0.02)
        yield f"https://localhost:{port}", chain, log
    finally:
        process.terminate()
        process.wait(30)


class Proxied:
    """A simulated broker whose HTTP interface is elsewhere."""

    def __init__(self, sandbox, base):
        environment = {**sandbox.ready["sandbox"]["environment"], "LONGBRIDGE_HTTP_URL": base}
        self.ready = {**sandbox.ready, "sandbox": {**sandbox.ready["sandbox"], "environment": environment}}


@pytest.mark.parametrize("offers, spoken", [("http2", "HTTP/2.0"), ("", "HTTP/1.1")])
def test_http2_is_spoken_where_it_is_offered_and_calls_share_the_connection(tmp_path, offers, spoken):
    with contextlib.ExitStack() as stack:
        sandbox = stack.enter_context(running("sandbox"))
        assert sandbox.sandbox("POST", "limit", {"trade_rate": False}) is not None
        target = sandbox.ready["sandbox"]["environment"]["LONGBRIDGE_HTTP_URL"]
        assert urllib.parse.urlsplit(target).hostname == "127.0.0.1"
        base, chain, log = stack.enter_context(in_front_of(target, tmp_path, offers))
        pair = Pair(tmp_path, Proxied(sandbox, base), trade_calls=100_000)
        bridge = pair.start({"SSL_CERT_FILE": str(chain)})
        try:
            with concurrent.futures.ThreadPoolExecutor(CALLS) as pool:
                path = "/v1/accounts/main/longbridge/v1/asset/stock?symbol=700.HK"
                answers = list(pool.map(lambda _: bridge.get(path, timeout=30)[0], range(CALLS)))
            assert answers == [200] * CALLS
        finally:
            assert bridge.stop() == 0, (tmp_path / "stderr").read_text()[-4000:]
        seen = [line.split(" ", 3) for line in log.read_text().splitlines()]
        assert {protocol for protocol, *_ in seen} == {spoken}
        connections = {connection for _, connection, _, uri in seen if uri.startswith("/v1/asset/stock")}
        assert sum(uri.startswith("/v1/asset/stock") for *_, uri in seen) == CALLS
        if offers:
            assert len(connections) == 1
        else:
            assert len(connections) <= 32
