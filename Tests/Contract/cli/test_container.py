"""As in a container: process 1, no user of the system's, no capabilities, nothing to write but the state; it ends when told."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import pytest

from conftest import START_LIMIT, Bridge, binary

NOBODY = 65534
CONFINE = """set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1/state" && mount --bind "$1/out" "$1/out"
mount -o remount,bind,ro /
chown {user}:{user} "$1/state" "$1/out" && chmod 700 "$1/state" "$1/out"
if touch "$1/elsewhere" 2>/dev/null; then echo "the root can be written"; exit 77; fi
folder=$1 && shift
exec setpriv --reuid={user} --regid={user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
""".format(user=NOBODY)


def confined(folder, *command):
    return ["unshare", "--pid", "--fork", "--mount", "--mount-proc", "sh", "-c", CONFINE, "sh", str(folder), *command]


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as made:
        made = pathlib.Path(made)
        # Others must be able to pass through it.
        made.chmod(0o755)
        for name in ("state", "out"):
            (made / name).mkdir()
        if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("unshare", "setpriv", "mount")):
            pytest.skip("needs unshare, setpriv and the right to use them")
        tried = subprocess.run(confined(made, binary(), "--version"), capture_output=True, text=True, timeout=60)
        if tried.returncode != 0:
            pytest.skip(f"nothing can be confined here: {tried.stderr[-300:]}")
        yield made


def child(process):
    """The one process that `unshare` started, by its number outside."""
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = path.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == process.pid:
                return int(path.parent.name)
    raise AssertionError("it is not running")


def test_it_runs_without_any_right_and_ends_when_told(folder):
    ready = folder / "out" / "ready.json"
    with open(folder / "stderr", "wb") as errors:
        process = subprocess.Popen(
            confined(
                folder, binary(), "serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(folder / "state"),
                "--ready-file", str(ready)), stdout=subprocess.DEVNULL, stderr=errors)
    try:
        end, pause = time.monotonic() + START_LIMIT, threading.Event()
        while not ready.exists():
            assert process.poll() is None and time.monotonic() < end, (folder / "stderr").read_text()[-2000:]
            pause.wait(0.05)
        bridge, pid = Bridge(process, json.loads(ready.read_text()), folder / "stdout"), child(process)
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^CapEff:\s0+$", status, re.M) and re.search(r"^Uid:\s65534\s", status, re.M)
        assert bridge.get("/readyz")[0] == 200 and bridge.get("/v1/quotes?symbols=700.HK")[0] == 200
        status, _, order = bridge.request(
            "POST", "/v1/accounts/sandbox/orders", timeout=40,
            headers={"Content-Type": "application/json", "Idempotency-Key": "confined"},
            body='{"symbol":"700.HK","side":"buy","type":"limit","quantity":"100","limit_price":"300"}')
        assert status == 201, order
        assert json.loads(ready.read_text())["pid"] == 1
        os.kill(pid, signal.SIGTERM)
        assert process.wait(15) == 0, (folder / "stderr").read_text()[-2000:]
    finally:
        if process.poll() is None:
            with contextlib.suppress(AssertionError, ProcessLookupError):
                os.kill(child(process), signal.SIGKILL)
            process.wait(20)
