#!/usr/bin/env python3
"""Measures what the audit log costs and how fast it is searched.

    orders    time of a submit with the state on a disk and, in turn, in memory, where a sync costs next to nothing:
              the difference is the price of durable intent
    search    time of GET /v1/audit by key and time in a log of so many entries, made here from docs/audit.md

Usage: audit.py --binary .build/release/brokerbridge [--rounds 5] [--orders 300] [--entries 1000000]
The cost of a recorded read is measured by bench.py, with and without --record-reads.
"""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "Tests" / "Contract"), str(ROOT / "Tests" / "Contract" / "audit")]

from audit_writer import KEYS, write_log  # noqa: E402
from conftest import Bridge, Pair, running  # noqa: E402

ORDER = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "0.01"}


@contextlib.contextmanager
def serving(binary, folder):
    """A bridge with its sandbox and its state in `folder`."""
    ready, out = folder / "ready.json", folder / "stdout"
    command = [binary, "serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(folder / "state"), "--ready-file",
               str(ready)]
    with open(out, "wb") as stdout, open(folder / "stderr", "wb") as stderr:
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
    try:
        end, pause = time.monotonic() + 120, threading.Event()
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > end:
                raise SystemExit("the bridge did not start:\n" + (folder / "stderr").read_text()[-2000:])
            pause.wait(0.02)
        bridge = Bridge(process, json.loads(ready.read_text()), out)
        while any(link["state"] != "ready" for link in bridge.get("/v1/accounts/sandbox/session")[2]["links"]):
            pause.wait(0.02)
        yield bridge
    finally:
        process.terminate()
        process.wait(15)


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


# Orders

def submits(bridge, count):
    """Seconds of each submit, one after the other on one connection."""
    connection, taken = bridge.connection(), []
    for number in range(count):
        headers = bridge.headers({"Content-Type": "application/json", "Idempotency-Key": f"bench-{number}"})
        began = time.perf_counter()
        connection.request("POST", "/v1/accounts/main/orders", body=json.dumps(ORDER), headers=headers)
        response = connection.getresponse()
        response.read()
        spent = time.perf_counter() - began
        if response.status == 429:
            threading.Event().wait(int(response.headers["Retry-After"]))
            continue
        if response.status != 201:
            raise SystemExit(f"an order was answered {response.status}")
        taken.append(spent)
    return taken


def orders(options):
    memory = pathlib.Path("/dev/shm")
    if not memory.is_dir():
        print("orders: /dev/shm is not here, so there is nothing to compare with")
        return
    places = {"disk": tempfile.gettempdir(), "memory": str(memory)}
    found = {name: [] for name in places}
    for _ in range(options.rounds):
        for name, place in places.items():
            with tempfile.TemporaryDirectory(prefix="brokerbridge-bench-", dir=place) as folder:
                with running("sandbox") as sandbox:
                    pair = Pair(folder, sandbox, trade_calls=100_000)
                    pair.control("limit", trade_rate=False)
                    pair.control("trading", paused=True)
                    try:
                        found[name].append(submits(pair.start(), options.orders))
                    finally:
                        pair.bridge.stop()
    row = {}
    for name, runs in found.items():
        row[name] = [statistics.median(quantile(run, share) for run in runs) * 1e3 for share in (0.5, 0.99)]
        print(f"orders: state {'on' if name == 'disk' else 'in'} {name}: p50 {row[name][0]:.2f} ms, p99 {row[name][1]:.2f} ms")
    added = [row["disk"][index] - row["memory"][index] for index in (0, 1)]
    print(f"orders: durable intent adds p50 {added[0]:.2f} ms, p99 {added[1]:.2f} ms ({options.rounds} rounds of {options.orders})")


# Search

def search(options):
    with tempfile.TemporaryDirectory(prefix="brokerbridge-bench-") as folder:
        folder = pathlib.Path(folder)
        first = write_log(folder / "state", options.entries)
        began = time.monotonic()
        with serving(options.binary, folder) as bridge:
            print(f"search: {options.entries} entries; started in {time.monotonic() - began:.1f} s")
            began = time.perf_counter()
            bridge.get("/v1/audit?limit=1", timeout=120)
            print(f"search: the first one after a start, which indexes the files: {time.perf_counter() - began:.1f} s")
            taken = []
            for number in range(max(40, options.rounds * 20)):
                start = time.gmtime(first + (number * 7 % 29) * 86_400)
                end = time.gmtime(first + (number * 7 % 29 + 1) * 86_400)
                query = (f"key=strategy-{number % KEYS}&start={time.strftime('%Y-%m-%dT%H:%M:%SZ', start)}"
                         f"&end={time.strftime('%Y-%m-%dT%H:%M:%SZ', end)}&limit=100")
                began = time.perf_counter()
                status, _, page = bridge.get(f"/v1/audit?{query}", timeout=60)
                taken.append(time.perf_counter() - began)
                if status != 200 or not page["data"] or any(e["key"] != f"strategy-{number % KEYS}" for e in page["data"]):
                    raise SystemExit(f"the search was answered {status}: {str(page)[:300]}")
            print(f"search: by key and a day: p50 {quantile(taken, 0.5) * 1e3:.1f} ms, p99 {quantile(taken, 0.99) * 1e3:.1f} ms, "
                  f"longest {max(taken) * 1e3:.1f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--rounds", type=int, default=5, help="0: no orders, the search only")
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--entries", type=int, default=1_000_000)
    options = parser.parse_args()
    os.environ["BROKERBRIDGE_BINARY"] = str(pathlib.Path(options.binary).resolve())
    if options.rounds:
        orders(options)
    search(options)


if __name__ == "__main__":
    main()
