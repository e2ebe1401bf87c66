"""An account opened by a login: a simulated broker or another authorization server, a bridge, and a browser's steps."""

import contextlib
import hashlib
import http.client
import json
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse

from conftest import KEY_OF_TESTS, Pair, binary, running

ACCOUNT = "/v1/accounts/main"


def fetch(method, url, body=None, headers=None, timeout=60):
    """Status, headers and text of one request; nothing is followed."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def agree(url):
    """What a browser does when the person agrees: the page's redirect, then the bridge's callback."""
    status, headers, text = fetch("GET", url + "&auto_approve=1")
    assert status == 302, (status, text)
    return headers["Location"]


class LoginPair(Pair):
    """As `Pair`, but the account has no key: somebody must log in."""

    def __init__(self, folder, sandbox, **account):
        super().__init__(folder, sandbox)
        environment = sandbox.ready["sandbox"]["environment"]
        self.base = environment["LONGBRIDGE_HTTP_URL"]
        lines = [
            "keys:", "  - name: tests", f"    hash: sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
            "    scopes: [market:read, account:read, trade, ops:read, admin]", "    accounts: all",
            "accounts:", "  - alias: main", "    broker: longbridge", "    environment: sandbox", "    longbridge:",
            f"      http_url: {self.base}",
            f"      quote_url: {environment['LONGBRIDGE_QUOTE_WS_URL']}",
            f"      trade_url: {environment['LONGBRIDGE_TRADE_WS_URL']}",
            "      trade_calls: 100000",
            *[f"      {name}: {value}" for name, value in account.items()],
        ]
        self.configuration.write_text("\n".join(lines) + "\n")

    def until_ready(self, seconds=20):
        """Starting does not wait for a person."""

    def until(self, wanted, seconds=20):
        end, pause = time.monotonic() + seconds, threading.Event()
        while time.monotonic() < end:
            status = self.auth()
            if wanted(status):
                return status
            pause.wait(0.02)
        raise AssertionError((status, self.log()[-3000:]))

    def auth(self):
        status, _, body = self.bridge.get(ACCOUNT + "/auth")
        assert status == 200, body
        return body

    def post(self, path, timeout=70):
        return self.bridge.request("POST", ACCOUNT + path, timeout=timeout)

    def begin(self):
        status, _, body = self.post("/auth/authorize")
        assert status == 201, body
        return body["authorization_url"]

    def login(self):
        status, _, page = fetch("GET", agree(self.begin()))
        assert status == 200, page
        super().until_ready()

    def server(self):
        """What the simulated authorization server has counted."""
        return self.broker.sandbox("GET", "oauth")

    def bend(self, **fields):
        self.control("oauth", **fields)

    def log(self):
        return (self.folder / "stderr").read_text() + (self.folder / "stdout").read_text()

    def refused_start(self):
        """Starts the program once more and gives the exit status and message of its refusal."""
        done = subprocess.run(
            [binary(), "serve", "--config", str(self.configuration), "--listen", "127.0.0.1:0", "--state",
             str(self.folder / "state")], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stderr


@contextlib.contextmanager
def logins(**account):
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder, running("sandbox") as sandbox:
        pair = LoginPair(folder, sandbox, **account)
        pair.control("limit", trade_rate=False)
        try:
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, pair.log()[-4000:]
