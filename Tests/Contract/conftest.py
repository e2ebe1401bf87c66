"""The bridge as an outside program sees it: a process, a ready file, sockets.

BROKERBRIDGE_BINARY names the program under test; without it, the debug build is taken.
"""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_LIMIT = 60.0
# The files that take longest, begun first where all run: two workers then end together.
LONGEST = [
    "openapi/test_openapi.py", "brokers/test_brokers.py", "orders/test_crashes.py", "orders/test_attached.py",
    "durability/test_failing_calls.py", "authorization/test_renewal.py", "stream/test_stream.py", "stream/test_readers.py",
]
STOP_LIMIT = 30.0


def pytest_collection_modifyitems(items):
    folder = ROOT / "Tests" / "Contract"
    order = {folder / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


def binary():
    return os.environ.get("BROKERBRIDGE_BINARY", str(ROOT / ".build" / "debug" / "brokerbridge"))


class Event:
    """One event of a stream, as it arrived."""

    def __init__(self, name, data, identifier, arrived):
        self.name, self.id, self.arrived = name, identifier, arrived
        self.text = data
        self.data = json.loads(data) if data else None

    def __repr__(self):
        return f"<{self.name} {self.id} {self.text[:120]}>"


class Stream:
    """A server-sent event stream, read line by line (WHATWG HTML, section 9.2.6)."""

    def __init__(self, connection, response):
        self.connection, self.response = connection, response
        self.comments = 0
        self.retry = None

    def events(self, seconds):
        """Events until `seconds` have passed or the stream ends."""
        end = time.monotonic() + seconds
        name, data, identifier = "message", [], None
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return
            if self.connection.sock is not None:
                self.connection.sock.settimeout(left)
            try:
                line = self.response.readline()
            except TimeoutError:
                return
            if not line:
                return
            line = line.decode("utf-8").rstrip("\r\n")
            if line == "":
                if data or name != "message":
                    yield Event(name, "\n".join(data), identifier, time.monotonic_ns())
                name, data = "message", []
            elif line.startswith(":"):
                self.comments += 1
            else:
                field, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                if field == "event":
                    name = value
                elif field == "data":
                    data.append(value)
                elif field == "id":
                    identifier = value
                elif field == "retry":
                    self.retry = int(value)

    def close(self):
        # The response keeps the socket open by itself.
        self.response.close()
        self.connection.close()


class Bridge:
    """A running program and what its ready file says."""

    def __init__(self, process, ready, output):
        self.process, self.ready, self._output = process, ready, output
        parts = urllib.parse.urlsplit(ready["url"])
        self.host, self.port = parts.hostname, parts.port
        self.url, self.key = ready["url"], ready.get("key")

    def connection(self, timeout=10):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def headers(self, extra=None):
        return {"Authorization": f"Bearer {self.key}", **(extra or {})}

    def request(self, method, path, headers=None, body=None, timeout=10):
        """Status, headers, body (decoded if it is JSON)."""
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body=body, headers=self.headers(headers))
            response = connection.getresponse()
            payload = response.read()
            kind = response.headers.get("Content-Type", "")
            return response.status, response.headers, json.loads(payload) if "json" in kind and payload else payload
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def stream(self, query, headers=None, timeout=10):
        connection = self.connection(timeout)
        connection.request("GET", f"/v1/stream?{query}", headers=self.headers(headers))
        response = connection.getresponse()
        assert response.status == 200, response.read()
        return Stream(connection, response)

    def sandbox(self, method, path, body=None):
        """A call to the simulated broker's own control path."""
        base = urllib.parse.urlsplit(self.ready["sandbox"]["environment"]["LONGBRIDGE_HTTP_URL"])
        connection = http.client.HTTPConnection(base.hostname, base.port, timeout=10)
        try:
            payload = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if payload else {}
            connection.request(method, f"/sandbox/{path}", body=payload, headers=headers)
            response = connection.getresponse()
            text = response.read()
            assert response.status < 300, (response.status, text)
            return json.loads(text) if text else None
        finally:
            connection.close()

    def resident_kilobytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def output_path(self):
        return self._output

    def output(self):
        return pathlib.Path(self._output).read_text()

    def errors(self):
        return pathlib.Path(self._output).with_name("stderr").read_text()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_LIMIT)


@contextlib.contextmanager
def running(*arguments, environment=None):
    """Starts the program and waits for its ready file; stops it at the end and checks that it ended well."""
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder:
        folder = pathlib.Path(folder)
        ready = folder / "ready.json"
        command = [
            binary(), *arguments, "--listen", "127.0.0.1:0", "--state", str(folder / "state"), "--ready-file", str(ready),
        ]
        with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
            process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        end = time.monotonic() + START_LIMIT
        # The ready file appears whole; looking for it is the interface scripts have.
        pause = threading.Event()
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                process.wait()
                raise AssertionError(f"{command} did not start:\n{(folder / 'stderr').read_text()[-4000:]}")
            pause.wait(0.02)
        bridge = Bridge(process, json.loads(ready.read_text()), folder / "stdout")
        try:
            yield bridge
        finally:
            if process.poll() is None:
                status = bridge.stop()
                assert status == 0, f"exit {status}:\n{(folder / 'stderr').read_text()[-4000:]}"


@pytest.fixture(scope="session")
def bridge():
    """One bridge with its sandbox, shared by the tests that leave it as it was."""
    with running("serve", "--sandbox") as started:
        yield started


@pytest.fixture
def fresh_bridge():
    """A bridge with its sandbox of the test's own."""
    with running("serve", "--sandbox") as started:
        yield started


@pytest.fixture
def start():
    """Starts a program as the test wants it: `with start("serve", "--sandbox") as bridge`."""
    return running


KEY_OF_TESTS = "bb_" + "A" * 43


def configuration(folder, sandbox, data_center="ap", **account):
    """A configuration file for one sandbox account at a simulated broker of its own process.

    Credentials that begin with `us_` open it at the broker's other data centre.
    """
    import hashlib

    environment = sandbox.ready["sandbox"]["environment"]
    prefix = "us_" if data_center == "us" else ""
    lines = [
        "keys:", "  - name: tests", f"    hash: sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
        "    scopes: [market:read, account:read, trade, raw, audit:read, ops:read, admin]", "    accounts: all",
        "accounts:", "  - alias: main", "    broker: longbridge", "    environment: sandbox", "    longbridge:",
        f"      app_key: {prefix}{environment['LONGBRIDGE_APP_KEY']}",
        f"      app_secret: {environment['LONGBRIDGE_APP_SECRET']}",
        f"      access_token: {prefix}{environment['LONGBRIDGE_ACCESS_TOKEN']}",
        f"      http_url: {environment['LONGBRIDGE_HTTP_URL']}",
        f"      quote_url: {environment['LONGBRIDGE_QUOTE_WS_URL']}",
        f"      trade_url: {environment['LONGBRIDGE_TRADE_WS_URL']}",
        *[f"      {name}: {value}" for name, value in account.items()],
        "orders: {settle_time: 5s}",
    ]
    path = pathlib.Path(folder) / "bridge.yaml"
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


class Pair:
    """A simulated broker, and a bridge beside it that can be killed and started again on the same state."""

    def __init__(self, folder, sandbox, **account):
        self.folder, self.broker = pathlib.Path(folder), sandbox
        self.configuration = configuration(folder, sandbox, **account)
        self.bridge = None

    def start(self, environment=None):
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        command = [
            binary(), "serve", "--config", str(self.configuration), "--listen", "127.0.0.1:0", "--state",
            str(self.folder / "state"), "--ready-file", str(ready),
        ]
        with open(self.folder / "stdout", "ab") as out, open(self.folder / "stderr", "ab") as err:
            process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
        end, pause = time.monotonic() + START_LIMIT, threading.Event()
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise AssertionError((self.folder / "stderr").read_text()[-4000:])
            pause.wait(0.02)
        self.bridge = Bridge(process, json.loads(ready.read_text()), self.folder / "stdout")
        self.bridge.key = KEY_OF_TESTS
        self.until_ready()
        return self.bridge

    def until_ready(self, seconds=60):
        end, pause = time.monotonic() + seconds, threading.Event()
        while time.monotonic() < end:
            links = self.bridge.get("/v1/accounts/main/session")[2]["links"]
            if all(link["state"] == "ready" for link in links):
                return
            pause.wait(0.02)
        raise AssertionError(links)

    def kill(self):
        """As `kill -9` does: nothing is finished."""
        self.bridge.process.kill()
        self.bridge.process.wait()

    def control(self, action, **fields):
        return self.broker.sandbox("POST", action, fields)

    def broker_orders(self):
        return self.broker.sandbox("GET", "orders")["orders"]


@contextlib.contextmanager
def paired(**account):
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder, running("sandbox") as sandbox:
        pair = Pair(folder, sandbox, **account)
        pair.control("limit", trade_rate=False)
        try:
            pair.start()
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (pair.folder / "stderr").read_text()[-4000:]


@pytest.fixture
def pair():
    """A simulated broker without a limit on trading calls, and a bridge beside it."""
    with paired(trade_calls=100_000) as started:
        yield started
