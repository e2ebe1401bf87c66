"""Brokers that are not who they should be, or nowhere: refused with a reason shown, and not one octet of a request sent."""

import contextlib
import pathlib
import socket
import ssl
import subprocess
import threading
import time

import pytest

from conftest import Pair


class Door:
    """A server that takes every connection in its way and keeps what it is sent."""

    def __init__(self, answer=b"", context=None):
        self.answer, self.context = answer, context
        self.received, self.accepted = b"", 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.take, args=(peer,), daemon=True).start()

    def take(self, peer):
        with contextlib.suppress(OSError, ssl.SSLError):
            peer.settimeout(10)
            if self.context:
                peer = self.context.wrap_socket(peer, server_side=True)
            elif self.answer == b"":
                peer.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            while chunk := peer.recv(4096):
                self.received += chunk
                if self.answer and b"\r\n\r\n" in self.received:
                    peer.sendall(self.answer)
                    break
        peer.close()

    def close(self):
        # Closing alone would leave the thread in accept.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def certificate(folder, name, days=30):
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
         "-out", chain, "-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
        check=True, capture_output=True)
    return chain, key


class Elsewhere:
    """What `Pair` needs of a simulated broker, with addresses of the test's own."""

    def __init__(self, base):
        secure = base.startswith("https")
        socket_base = base.replace("https", "wss") if secure else base.replace("http", "ws")
        self.ready = {"sandbox": {"environment": {
            "LONGBRIDGE_APP_KEY": "k" * 32, "LONGBRIDGE_APP_SECRET": "s" * 64, "LONGBRIDGE_ACCESS_TOKEN": "t" * 64,
            "LONGBRIDGE_HTTP_URL": base, "LONGBRIDGE_QUOTE_WS_URL": socket_base + "/v2",
            "LONGBRIDGE_TRADE_WS_URL": socket_base + "/v2",
        }}}


@contextlib.contextmanager
def bridged(folder, base):
    class Bridged(Pair):
        def until_ready(self, seconds=20):
            """It never will be."""

    pair = Bridged(folder, Elsewhere(base))
    try:
        yield pair.start()
    finally:
        if pair.bridge and pair.bridge.process.poll() is None:
            assert pair.bridge.stop() == 0, (pathlib.Path(folder) / "stderr").read_text()[-4000:]


def waiting(bridge, attempts=2, seconds=60):
    """The links, once each has been tried so often and waits."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        status, _, session = bridge.get("/v1/accounts/main/session")
        assert status == 200
        if all(link["attempts"] >= attempts and link["reason"] for link in session["links"]):
            return session["links"]
        pause.wait(0.05)
    raise AssertionError(session)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
@pytest.mark.parametrize("kind", ["self-signed", "old protocol", "plain text"])
def test_whoever_cannot_prove_who_they_are_gets_nothing_to_read(tmp_path, kind):
    context = None
    if kind != "plain text":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate(tmp_path, "localhost"))
        if kind == "old protocol":
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    door = Door(context=context)
    try:
        with bridged(tmp_path, f"https://localhost:{door.port}") as bridge:
            links = waiting(bridge)
            assert door.accepted >= 2 and (door.received == b"" or kind == "plain text"), door.received[:100]
            # In plain text the handshake itself is seen, which is no request.
            assert b"HTTP/1.1" not in door.received and b"ssssssss" not in door.received
            for link in links:
                assert link["state"] in ("backing_off", "connecting") and "ssssssss" not in link["reason"]
            status, _, problem = bridge.get("/v1/quotes?symbols=700.HK")
            assert status == 424 and problem["code"] == "session_not_ready"
            assert bridge.get("/healthz")[0] == 200
    finally:
        door.close()


def test_a_broker_that_sends_us_elsewhere_is_not_followed(tmp_path):
    other = Door(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    door = Door(
        answer=f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{other.port}/\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n".encode())
    try:
        with bridged(tmp_path, f"http://127.0.0.1:{door.port}") as bridge:
            waiting(bridge)
            assert door.accepted >= 2 and other.accepted == 0
    finally:
        door.close()
        other.close()


@pytest.mark.parametrize("authority", ["no-such-host.invalid", "127.0.0.1:1"])
def test_a_broker_that_is_nowhere_leaves_the_bridge_serving(tmp_path, authority):
    with bridged(tmp_path, f"https://{authority}") as bridge:
        waiting(bridge, attempts=1)
        for _ in range(20):
            assert bridge.get("/healthz", timeout=5)[0] == 200
        status, _, problem = bridge.get("/v1/quotes?symbols=700.HK")
        assert status == 424 and problem["retryable"] is True
