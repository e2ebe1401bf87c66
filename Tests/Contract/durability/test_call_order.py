"""What the kernel saw: for every order, its place in the ledger and its intent in the audit log were written and synced
before the first byte of it left for the broker."""

import pathlib
import re
import shutil
import subprocess
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "orders"))
from test_orders import place  # noqa: E402

CALL = re.compile(r"^(?P<thread>\d+) +(?P<name>\w+)\((?P<descriptor>\d+<[^>]*>)(?P<rest>.*)$")
RESUMED = re.compile(r"^(?P<thread>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)$")


def calls(text):
    """Begin and end of each call, in the order the kernel had them: (index, name, what on, its bytes, whether it ended)."""
    open_calls = {}
    for index, line in enumerate(text.splitlines()):
        if found := CALL.match(line):
            parts = found["name"], found["descriptor"], found["rest"]
            is_whole = "<unfinished ...>" not in line
            yield index, *parts, "begun"
            if is_whole:
                yield index, *parts, "done" if line.rstrip().endswith("= 0") or found["name"] != "fdatasync" else "failed"
            else:
                open_calls[found["thread"]] = parts
        elif found := RESUMED.match(line):
            if parts := open_calls.pop(found["thread"], None):
                is_good = found["rest"].rstrip().endswith("= 0") or parts[0] != "fdatasync"
                yield index, *parts, "done" if is_good else "failed"


def synced_before(events, file, text, limit):
    """Whether `text` was written to `file`, and a sync that began after that ended before `limit`."""
    written = next(
        (index for index, name, on, rest, state in events
         if name in ("write", "pwrite64") and file in on and text in rest and state == "done"), None)
    if written is None or written >= limit:
        return False
    begun = [index for index, name, on, _, state in events
             if name == "fdatasync" and file in on and state == "begun" and index > written]
    ended = [index for index, name, on, _, state in events
             if name == "fdatasync" and file in on and state == "done" and begun and begun[0] <= index < limit]
    return bool(ended)


@pytest.fixture
def strace():
    if not shutil.which("strace"):
        pytest.skip("strace is not here")
    if subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("processes may not be traced here")


def test_every_order_is_synced_before_its_first_byte_leaves(strace, pair, tmp_path):
    pair.control("trading", paused=True)
    trace = tmp_path / "trace"
    tracer = subprocess.Popen(
        # All of each write: entries of orders that come at once are written together.
        ["strace", "-f", "-y", "-s", "65536", "-e", "trace=write,pwrite64,fdatasync,sendto", "-o", str(trace), "-p",
         str(pair.bridge.process.pid)], stderr=subprocess.PIPE, text=True)
    try:
        # It says so once it has hold of every thread.
        while "attached" not in (line := tracer.stderr.readline()):
            assert line, "the tracer ended"
        answers = []

        def work(number):
            for count in range(5):
                answers.append(place(pair.bridge, key=f"t{number}-{count}", limit_price="10", timeout=60))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        tracer.terminate()
        tracer.communicate()
    assert [status for status, _, _ in answers] == [201] * 20, answers
    events = list(calls(trace.read_text()))
    sends = [event for event in events if event[1] == "sendto" and "/v1/trade/order " in event[3] and event[4] == "begun"
             and "POST" in event[3]]
    tags = {re.search(r"bb-([0-9a-z]{20})", event[3])[1]: event[0] for event in sends}
    assert set(tags) == {order["id"].removeprefix("ord_") for _, _, order in answers}
    for code, left in tags.items():
        assert synced_before(events, "bridge.sqlite-wal", code, left), code
        assert synced_before(events, "/audit/", code, left), code
        # The test can fail: at its own beginning nothing of it was synced.
        assert not synced_before(events, "/audit/", code, 0)
