"""Each write, sync, rename and send on an order's path fails once, or ends the process: nothing is sent twice, nothing is
lost, nothing is reported wrongly, and the log verifies.

By itself it takes a sample of the places. BROKERBRIDGE_LONG=1 takes them all.
"""

import errno
import http.client
import mmap
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import threading
import time
import urllib.parse

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / name) for name in ("orders", "audit")]
from audit_verifier import entries  # noqa: E402
from test_audit import verify  # noqa: E402
from test_orders import BUY, ORDERS, order, place  # noqa: E402

from conftest import paired  # noqa: E402

IS_LONG = os.environ.get("BROKERBRIDGE_LONG") == "1"
SEED = int(os.environ.get("BROKERBRIDGE_SEED", "4"))
KILL, HALF = -1, 0


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if not compiler:
        pytest.skip("no C compiler is here to make the failing calls with")
    path = tmp_path_factory.mktemp("library") / "failing_calls.so"
    source = pathlib.Path(__file__).with_name("failing_calls.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, source, "-ldl"], check=True)
    return path


class Faults:
    """The side of the test in the file both have mapped."""

    FORM = "iiiii64s16s"

    def __init__(self, folder):
        self.path = folder / "control"
        self.path.write_bytes(b"\0" * mmap.PAGESIZE)
        self.file = open(self.path, "r+b")
        self.map = mmap.mmap(self.file.fileno(), mmap.PAGESIZE)

    def arm(self, action, at, only=""):
        self.map[4:struct.calcsize(self.FORM)] = struct.pack(self.FORM, 0, action, at, 0, 0, b"", only.encode())[4:]
        self.map[0:4] = struct.pack("i", 1)

    def seen(self):
        return struct.unpack("i", self.map[12:16])[0]

    def disarm(self):
        self.map[0:4] = struct.pack("i", 0)
        _, _, _, seen, hit, call, _ = struct.unpack(self.FORM, self.map[:struct.calcsize(self.FORM)])
        return seen, hit, call.split(b"\0")[0].decode()


@pytest.fixture
def failing(library, tmp_path):
    with paired(trade_calls=100_000) as pair:
        pair.control("trading", paused=True)
        faults = Faults(tmp_path)
        environment = pair.broker.ready["sandbox"]["environment"]
        ports = {urllib.parse.urlsplit(value).port for name, value in environment.items() if name.endswith("_URL")}
        pair.environment = {
            "LD_PRELOAD": str(library), "FAILING_CONTROL": str(faults.path),
            "FAILING_FOLDER": str(pair.folder / "state"), "FAILING_PORTS": "," + ",".join(map(str, ports)) + ",",
        }
        assert pair.bridge.stop() == 0
        pair.start(pair.environment)
        yield pair, faults


def attempt(pair, key, **changes):
    """The answer, or `None` where the process ended before it."""
    try:
        return place(pair.bridge, key=key, note=key, limit_price="10", **changes)
    except (http.client.HTTPException, OSError):
        return None


def at_broker(pair, key):
    return [found for found in pair.broker_orders() if found["remark"].endswith(f" {key}")]


def until_answered(pair, key, answer):
    """Asks with the same key until something is certain, as a client should."""
    end, pause = time.monotonic() + 30, threading.Event()
    while answer is None or answer[0] not in (201, 202):
        assert time.monotonic() < end, answer
        assert answer is None or answer[0] in (409, 424, 429, 502, 503), answer
        pause.wait(0.05)
        answer = attempt(pair, key)
    return answer


def until_known(pair, identifier):
    end, pause = time.monotonic() + 40, threading.Event()
    while time.monotonic() < end:
        found = order(pair.bridge, identifier)
        if found["status"] in ("open", "rejected", "cancelled"):
            return found
        pause.wait(0.1)
    raise AssertionError(found)


def places(pair, faults):
    """How many calls an undisturbed order makes, and which."""
    faults.arm(errno.EIO, 1_000_000)
    assert attempt(pair, "undisturbed")[0] == 201
    # What is written after the answer belongs to it too: its outcome in the log, and the commit that keeps the answer.
    pause, counted = threading.Event(), -1
    while (seen := faults.seen()) != counted:
        counted = seen
        pause.wait(0.2)
    faults.disarm()
    assert seen >= 6, seen
    return seen


def chosen(count, sample):
    """Which calls fail: the n-th of all, and the n-th of one kind, since how many pages a commit writes differs."""
    named = [("send", 1), ("write", 1), ("write", 2), ("fdatasync", 1), ("fdatasync", 2), ("fdatasync", 3)]
    everything = [("", at) for at in range(1, count + 1)]
    if not IS_LONG and len(everything) > sample:
        everything = sorted(random.Random(SEED).sample(everything, sample))
    return named + everything


def judge(pair, answers):
    """FAULTS: one order for each key, an intent for each, and what is reported is what the broker has."""
    wrong = []
    for key, answer in answers.items():
        found, there = until_known(pair, answer[2]["id"]), at_broker(pair, key)
        if found["status"] == "rejected":
            is_right = there == [] and found["reject"]["code"] in ("not_received", "not_sent")
        else:
            is_right = [o["order_id"] for o in there] == [found["broker_order_id"]]
        if not is_right:
            kinds = [line["kind"] for line in pair.bridge.get(f"{ORDERS}/{found['id']}")[2]["timeline"]]
            wrong.append((key, found["id"], found["status"], found["reject"], [o["remark"] for o in there], kinds))
    assert wrong == [], "\n".join(map(str, wrong))
    # What a failing send left behind under another id of the same key was provably not sent.
    assert pair.bridge.stop() == 0
    status, result = verify(pair.folder / "state")
    assert status == 0, result
    intents = {
        entry["order_id"] for entry in entries(pair.folder / "state")
        if entry["kind"] == "intent" and entry["action"] == "order.submit"}
    for found in pair.broker_orders():
        assert any(identifier.removeprefix("ord_") in found["remark"] for identifier in intents), found["remark"]


@pytest.mark.parametrize("action", [errno.EIO, errno.ENOSPC, HALF], ids=["EIO", "ENOSPC", "half"])
def test_a_call_that_fails_once_costs_no_order_and_doubles_none(failing, action):
    pair, faults = failing
    answers, reached = {}, set()
    for only, at in chosen(places(pair, faults) + 2, 8):
        key = f"{action}-{only}-{at}"
        faults.arm(action, at, only)
        answer = attempt(pair, key)
        _, hit, call = faults.disarm()
        if hit:
            reached.add(call)
        answers[key] = until_answered(pair, key, answer)
        assert len(at_broker(pair, key)) <= 1, key
    assert {"send", "write", "fdatasync"} <= reached, reached
    print(f"seed {SEED}, {len(answers)} places, reached {sorted(reached)}")
    judge(pair, answers)


def test_an_end_at_any_call_costs_no_order_and_doubles_none(failing):
    pair, faults = failing
    answers, ended = {}, 0
    for only, at in chosen(places(pair, faults) + 2, 5):
        key = f"kill-{only}-{at}"
        faults.arm(KILL, at, only)
        answer = attempt(pair, key)
        if answer is None:
            assert pair.bridge.process.wait(10) == -9
            ended += 1
        seen, _, _ = faults.disarm()
        if seen >= at:
            # Also where the end came behind the answer, it may still be on its way.
            assert pair.bridge.process.wait(10) == -9
            status, result = verify(pair.folder / "state")
            assert status == 0, (at, result)
            pair.start(pair.environment)
        answers[key] = until_answered(pair, key, answer)
        assert len(at_broker(pair, key)) <= 1, key
    print(f"seed {SEED}, {len(answers)} places, ended {ended} times")
    assert ended >= 3, ended
    judge(pair, answers)


@pytest.mark.parametrize("which", [1, 2], ids=["ledger", "log"])
def test_a_sync_that_takes_two_seconds_holds_up_orders_and_nothing_else(failing, which):
    pair, faults = failing
    answers = []
    faults.arm(-2000, which, "fdatasync")
    waiting = threading.Thread(target=lambda: answers.append(attempt(pair, f"slow-{which}")))
    waiting.start()
    pause, end = threading.Event(), time.monotonic() + 10
    while faults.seen() < which and time.monotonic() < end:
        pause.wait(0.005)
    reads = [pair.bridge.get("/v1/quotes?symbols=700.HK")[0] for _ in range(20)]
    # All of them were answered while the order still waited.
    assert reads == [200] * 20 and not answers
    waiting.join(30)
    faults.disarm()
    assert answers[0][0] == 201 and len(at_broker(pair, f"slow-{which}")) == 1
