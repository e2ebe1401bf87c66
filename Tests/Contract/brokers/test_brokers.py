"""One script of curl calls and one consumer of events, unchanged, against an account at each broker."""

import functools
import json
import os
import pathlib
import subprocess
import sys

import pytest

from conftest import running
from judged import judge

HERE = pathlib.Path(__file__).parent
KINDS = ["hello", "quote", "depth", "trade", "broker_queue", "candle", "order", "execution"]
FINAL = {"filled", "cancelled", "rejected", "expired"}
# What an account cannot do is refused, and its capabilities say so beforehand.
CAPABILITIES = {
    "quotes": "quotes", "instruments": "instruments", "depth": "depth", "broker-queue": "broker_queue", "trades": "trades",
    "intraday": "intraday", "candles-day": "candles", "history": "candle_history", "indicators": "indicators",
    "capital-flow": "capital_flow", "capital-distribution": "capital_flow", "expirations": "options", "chain": "options",
    "option-quotes": "options", "warrants": "warrants", "warrant-quotes": "warrants", "markets": "calendar",
    "calendar": "calendar", "watchlists": "watchlists", "price-alerts": "price_alerts", "balances": "balances",
    "positions": "positions", "margin-ratio": "margin_ratios", "cash-flow": "cash_flow", "submit": "orders",
    "executions": "executions", "estimate": "estimates",
}


@pytest.fixture(scope="module")
def both():
    """What the script and the consumer printed, by the broker's name."""
    with running("serve", "--sandbox") as bridge:
        accounts = {account["broker"]: account for account in bridge.get("/v1/accounts")[2]["data"]}
        environment = {**os.environ, "BROKERBRIDGE_URL": bridge.url, "BROKERBRIDGE_KEY": bridge.key}
        found = {}
        for broker, account in accounts.items():
            alias = account["alias"]
            consumer = subprocess.Popen(
                [sys.executable, str(HERE / "consumer.py"), alias, "60", *KINDS], env=environment, text=True,
                stdout=subprocess.PIPE)
            calls = subprocess.run(
                [str(HERE / "calls.sh"), alias], env=environment, capture_output=True, text=True, timeout=120)
            assert calls.returncode == 0, calls.stderr
            events, _ = consumer.communicate(timeout=90)
            found[broker] = {
                "account": account,
                "calls": {line["call"]: line for line in map(json.loads, calls.stdout.splitlines())},
                "events": [json.loads(line) for line in events.splitlines()],
            }
        assert set(found) == {"longbridge", "futu"}
        yield found


def shape(value):
    """What members there are, at any depth; rows of a list count together, and null says nothing of what is not there."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [functools.reduce(merged, map(shape, value))] if value else []
    return None


def merged(left, right):
    if isinstance(left, dict) and isinstance(right, dict):
        return {name: merged(left.get(name), right.get(name)) for name in {**left, **right}}
    if isinstance(left, list) and isinstance(right, list):
        return [merged(left[0], right[0])] if left and right else left or right
    return left if right is None else right


def differences(left, right, path=""):
    """Members that only one of the two has. A null or an empty list on one side is the same shape as a value."""
    if isinstance(left, dict) and isinstance(right, dict):
        for name in {**left, **right}:
            if name not in left or name not in right:
                yield f"{path}/{name}"
            else:
                yield from differences(left[name], right[name], f"{path}/{name}")
    elif isinstance(left, list) and isinstance(right, list) and left and right:
        yield from differences(left[0], right[0], f"{path}/*")


@pytest.mark.parametrize("broker", ["longbridge", "futu"])
def test_every_answer_keeps_to_the_contract(both, broker):
    for call in both[broker]["calls"].values():
        try:
            judge(call["path"], call["status"], call["body"], call["method"])
        except Exception as failure:
            raise AssertionError(f"{call['call']} {call['status']}: {str(call['body'])[:500]}") from failure


@pytest.mark.parametrize("broker", ["longbridge", "futu"])
def test_capabilities_tell_beforehand_what_is_offered(both, broker):
    capabilities = set(both[broker]["account"]["capabilities"])
    for name, capability in CAPABILITIES.items():
        call = both[broker]["calls"][name]
        if capability in capabilities:
            assert call["status"] < 300, (name, call["status"], call["body"])
        else:
            assert call["status"] == 501, (name, call["status"], call["body"])


def test_what_both_offer_has_the_same_shape_and_status(both):
    compared = 0
    for name, left in both["longbridge"]["calls"].items():
        right = both["futu"]["calls"][name]
        if 501 in (left["status"], right["status"]):
            continue
        if name == "cancel":
            # The broker's push may be there before its answer: then the order is over when the caller hears of it.
            for answer in (left, right):
                assert answer["status"] == (200 if answer["body"]["status"] in FINAL else 202), answer
        else:
            assert left["status"] == right["status"], (name, left["body"], right["body"])
        # What a session says of itself and what a broker calls its things is its own.
        unlike = [path for path in differences(shape(left["body"]), shape(right["body"])) if "/upstream" not in path]
        assert not unlike, (name, unlike)
        compared += 1
    assert compared >= 35


def test_the_same_refusals_have_the_same_code(both):
    for name in ("quotes-unknown", "refused-lot"):
        codes = {both[broker]["calls"][name]["body"]["code"] for broker in both}
        assert len(codes) == 1, (name, codes)


def test_events_have_the_same_shape(both):
    shapes = {}
    for broker, found in both.items():
        for event in found["events"]:
            key = (broker, event["event"])
            known = shapes.get(key)
            shapes[key] = shape(event["data"]) if known is None else merged(known, shape(event["data"]))
    for kind in KINDS:
        assert ("longbridge", kind) in shapes, kind
        if kind == "broker_queue" and "broker_queue" not in both["futu"]["account"]["capabilities"]:
            continue
        assert ("futu", kind) in shapes, kind
        assert not list(differences(shapes["longbridge", kind], shapes["futu", kind])), kind
