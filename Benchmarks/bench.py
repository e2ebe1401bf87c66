#!/usr/bin/env python3
"""Measures the bridge against a yardstick that runs in turn with it, on one machine, in one run.

    quotes   requests per second of a cached GET /v1/quotes, against nginx serving the same bytes (one worker each)
    stream   time from a push leaving the simulated broker to the event's bytes arriving at a client: p50, p99

Usage: bench.py --binary .build/release/brokerbridge [--rounds 5] [--seconds 5] [--markdown FILE]
The figures hold for this machine only; trust the ratios.
"""

import argparse
import contextlib
import os
import pathlib
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "Tests" / "Contract"))

CONNECTIONS = 64


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def nginx(body):
    """nginx with one worker, without logs, that answers every request with `body`."""
    with tempfile.TemporaryDirectory(prefix="yardstick-") as folder:
        folder = pathlib.Path(folder)
        port = free_port()
        (folder / "quotes").write_bytes(body)
        text = body.decode().replace("\\", "\\\\").replace("'", "\\'").replace("$", "${dollar}")
        (folder / "nginx.conf").write_text(f"""
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    keepalive_requests 100000000;
    geo $dollar {{ default "$"; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ default_type application/json; return 200 '{text}'; }}
    }}
}}
""")
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 10
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                if process.poll() is not None or time.monotonic() > end:
                    raise SystemExit("nginx did not start:\n" + (folder / "error.log").read_text())
                threading.Event().wait(0.05)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.terminate()
            process.wait(10)


def processor_seconds(pid):
    """What the process and its children have used; other programs on the machine do not change it much."""
    total = 0.0
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(entry.name) == pid or int(fields[1]) == pid:
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def load(url, seconds, pid, headers=()):
    """Requests per second, and the server's microseconds of processor for each."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
    for header in headers:
        command += ["-H", header]
    before = processor_seconds(pid)
    text = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    used = processor_seconds(pid) - before
    if "Non-2xx" in text:
        raise SystemExit(f"{url} answered with errors:\n{text}")
    count = int(re.search(r"(\d+) requests in", text)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), used / count * 1e6


def measure_quotes(bridge, rounds, seconds):
    path = "/v1/quotes?symbols=700.HK"
    stream = bridge.stream("topics=quote:700.HK")
    for event in stream.events(10):
        if event.name == "quote":
            break
    connection = bridge.connection()
    connection.request("GET", path, headers=bridge.headers())
    body = connection.getresponse().read()
    figures = {"bridge": [], "nginx": []}
    with nginx(body) as (yardstick, yardstick_pid):
        for turn in range(rounds):
            # The same request to both, so that both parse the same bytes.
            headers = [f"Authorization: Bearer {bridge.key}"]
            servers = [("bridge", bridge.url, bridge.process.pid), ("nginx", yardstick, yardstick_pid)]
            for name, url, pid in servers if turn % 2 == 0 else servers[::-1]:
                figures[name].append(load(url + path, seconds, pid, headers))
            ours, theirs = figures["bridge"][-1], figures["nginx"][-1]
            print(
                f"round {turn + 1}: bridge {ours[0]:.0f}/s, nginx {theirs[0]:.0f}/s, ratio {ours[0] / theirs[0]:.2f};"
                f" processor {ours[1]:.2f} and {theirs[1]:.2f} us a request"
            )
    stream.close()
    pairs = list(zip(figures["bridge"], figures["nginx"]))
    return {
        "bytes": len(body),
        "ratio": statistics.median(ours[0] / theirs[0] for ours, theirs in pairs),
        "processor ratio": statistics.median(theirs[1] / ours[1] for ours, theirs in pairs),
        **{name: [statistics.median(column) for column in zip(*rows)] for name, rows in figures.items()},
    }


def measure_stream(bridge, seconds):
    """Joins what the simulated broker says it pushed with what arrived; both read the machine's monotonic clock."""
    # A lively market: a thousand books in ten seconds.
    bridge.sandbox("POST", "pace", {"interval_ms": 10, "percent": 100, "trades": 1})
    bridge.sandbox("POST", "trace", {"symbol": "700.HK"})
    stream = bridge.stream("topics=depth:700.HK")
    arrived = {}
    for event in stream.events(seconds):
        if event.name == "depth" and not event.data.get("snapshot"):
            arrived.setdefault(event.data["sequence"], event.arrived)
    stream.close()
    pushed = {row["sequence"]: row["nanoseconds"] for row in bridge.sandbox("GET", "trace")["pushes"] if row["kind"] == "depth"}
    bridge.sandbox("POST", "pace", {})
    delays = sorted((arrived[key] - pushed[key]) / 1000 for key in arrived.keys() & pushed.keys())
    if len(delays) < 20:
        raise SystemExit(f"only {len(delays)} events could be joined ({len(arrived)} arrived, {len(pushed)} pushed)")
    return len(delays), delays[len(delays) // 2], delays[min(len(delays) - 1, int(len(delays) * 0.99))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / ".build" / "release" / "brokerbridge"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--markdown", help="also write the table to this file")
    parser.add_argument("--record-reads", action="store_true", help="the audit log records every read, as by default")
    options = parser.parse_args()
    os.environ["BROKERBRIDGE_BINARY"] = str(pathlib.Path(options.binary).resolve())
    from conftest import running

    # Neither side records requests: nginx has its access log off; the bridge logs warnings only, and its audit log leaves
    # reads out unless they are asked for.
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as quiet:
        reads = "recorded" if options.record_reads else "off"
        quiet.write(f"log:\n  level: warning\naudit:\n  reads: '{reads}'\n")
        quiet.flush()
        return report(options, running("serve", "--sandbox", "--config", quiet.name))


def report(options, started):
    with started as bridge:
        count, p50, p99 = measure_stream(bridge, options.seconds * 4)
        quotes = measure_quotes(bridge, options.rounds, options.seconds)
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    table = f"""| what | bridge | yardstick | ratio |
| --- | --- | --- | --- |
| cached `GET /v1/quotes`, {quotes["bytes"]} bytes, {CONNECTIONS} connections, one worker each | {quotes["bridge"][0]:,.0f} requests/s | nginx {quotes["nginx"][0]:,.0f} requests/s | **{quotes["ratio"]:.2f}** |
| the same, processor time of the server | {quotes["bridge"][1]:.2f} µs a request | nginx {quotes["nginx"][1]:.2f} µs | **{quotes["processor ratio"]:.2f}** |
| push leaving the sandbox → bytes at an SSE client, {count} events | p50 {p50:,.0f} µs, p99 {p99:,.0f} µs | | |

Machine: {model}, {os.cpu_count()} cores, Linux {platform.release().split('-')[0]}; load generator on the same cores.
Command: `make bench` ({options.rounds} alternating rounds of {options.seconds} s, medians).
"""
    print(table)
    if options.markdown:
        pathlib.Path(options.markdown).write_text(table)


if __name__ == "__main__":
    main()
