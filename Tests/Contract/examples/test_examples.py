"""The examples are run: one that lies fails the build."""

import os
import subprocess
import sys

from conftest import ROOT


def run(bridge, *command, **options):
    environment = {**os.environ, "BROKERBRIDGE_URL": bridge.url, "BROKERBRIDGE_KEY": bridge.key}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, **options)


def test_quotes_are_shown_with_their_book(bridge):
    done = run(bridge, str(ROOT / "Examples" / "quotes.sh"), "700.HK", "AAPL.US", "NOPE.HK")
    assert done.returncode == 0, done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert [row[0] for row in rows[:2]] == ["700.HK", "AAPL.US"] and float(rows[0][1]) > 0
    assert [row[:2] for row in rows[2:]] == [[side, str(n)] for side in ("asks", "bids") for n in (1, 2, 3)]
    assert "NOPE.HK" in done.stderr


def test_a_problem_ends_the_example(bridge):
    done = run(bridge, str(ROOT / "Examples" / "quotes.sh"), "nonsense")
    assert done.returncode != 0


def test_events_are_followed(bridge):
    done = run(
        bridge, sys.executable, str(ROOT / "Examples" / "watch.py"), "quote:700.HK", "candle:700.HK@1m", "--events", "8"
    )
    assert done.returncode == 0, done.stderr
    names = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert names[0] == "hello" and len(names) == 8 and {"quote", "candle"} <= set(names)


def test_a_wrong_topic_ends_the_example_with_the_problem(bridge):
    done = run(bridge, sys.executable, str(ROOT / "Examples" / "watch.py"), "quote:nonsense")
    assert done.returncode != 0 and "invalid_symbol" in done.stderr
