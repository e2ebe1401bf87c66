"""Readers whose network goes away without a word: gone in a minute and a half, and what they read is given back.

Two network namespaces with a cable between them; the cable is cut. Nothing outside of the two is reached.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import threading
import time

import pytest

from conftest import KEY_OF_TESTS, START_LIMIT, binary

HERE, THERE = "10.231.77.1", "10.231.77.2"


def ip(*arguments):
    return subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=20)


@contextlib.contextmanager
def cable():
    """Names of the two namespaces, and what cuts the cable."""
    if not shutil.which("ip") or os.geteuid() != 0:
        pytest.skip("needs ip(8) and the right to make network namespaces")
    ours, theirs = f"bb{os.getpid()}a", f"bb{os.getpid()}b"
    try:
        for name in (ours, theirs):
            if ip("netns", "add", name).returncode:
                pytest.skip("network namespaces cannot be made here")
        made = ip("link", "add", "bbv0", "netns", ours, "type", "veth", "peer", "name", "bbv1", "netns", theirs)
        assert made.returncode == 0, made.stderr
        for name, device, address in ((ours, "bbv0", HERE), (theirs, "bbv1", THERE)):
            for words in (["addr", "add", f"{address}/30", "dev", device], ["link", "set", device, "up"], ["link", "set", "lo", "up"]):
                done = ip("-n", name, *words)
                assert done.returncode == 0, done.stderr
        yield ours, theirs, lambda: ip("-n", theirs, "link", "set", "bbv1", "down")
    finally:
        for name in (ours, theirs):
            ip("netns", "del", name)


def test_readers_whose_network_goes_away_are_gone_in_a_minute_and_a_half(tmp_path):
    with cable() as (ours, theirs, cut):
        (tmp_path / "bridge.yaml").write_text("\n".join([
            "listen: {allow_plain_http_on: public}", "keys:", "  - name: tests",
            f"    hash: sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
            "    scopes: [market:read, account:read, ops:read, admin]", "    accounts: all", ""]))
        (tmp_path / "bridge.yaml").chmod(0o600)
        ready, pause = tmp_path / "ready.json", threading.Event()
        with open(tmp_path / "output", "wb") as output:
            bridge = subprocess.Popen(
                ["ip", "netns", "exec", ours, binary(), "serve", "--sandbox", "--config", str(tmp_path / "bridge.yaml"),
                 "--listen", f"{HERE}:8080", "--state", str(tmp_path / "state"), "--ready-file", str(ready)],
                stdout=output, stderr=output)
        readers = []
        try:
            end = time.monotonic() + START_LIMIT
            while not ready.exists():
                assert bridge.poll() is None and time.monotonic() < end, (tmp_path / "output").read_text()[-3000:]
                pause.wait(0.05)

            def curl(namespace, path, *options):
                return ["ip", "netns", "exec", namespace, "curl", "-sS", "-H", f"Authorization: Bearer {KEY_OF_TESTS}", *options,
                        f"http://{HERE}:8080{path}"]

            def get(path):
                done = subprocess.run(curl(ours, path, "--max-time", "10"), capture_output=True, timeout=20)
                assert done.returncode == 0, done.stderr
                return done.stdout

            def streams():
                text = get("/metrics").decode()
                return int(next(line.split()[1] for line in text.splitlines() if line.startswith("brokerbridge_streams ")))

            def topics():
                return [t["topic"] for account in json.loads(get("/v1/subscriptions"))["data"] for t in account["topics"]]

            # One that is sent something all the time, and one that is not.
            for topic in ("quote:700.HK", "session:sandbox"):
                readers.append(subprocess.Popen(
                    curl(theirs, f"/v1/stream?topics={topic}", "-N"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            while streams() < 2:
                assert time.monotonic() < end
                pause.wait(0.1)
            assert topics()
            assert cut().returncode == 0
            began, gone = time.monotonic(), []
            while len(gone) < 2 and time.monotonic() - began < 150:
                while len(gone) < 2 - streams():
                    gone.append(time.monotonic() - began)
                pause.wait(0.5)
            print("gone after", [round(seconds) for seconds in gone], "s")
            # 90 s, and what a busy machine takes.
            assert len(gone) == 2 and gone[-1] < 100, gone
            # Upstream keeps the topic some seconds for readers that come back.
            end = time.monotonic() + 30
            while topics() and time.monotonic() < end:
                pause.wait(0.5)
            assert not topics()
        finally:
            for reader in readers:
                reader.kill()
                reader.wait()
            bridge.terminate()
            assert bridge.wait(30) == 0
