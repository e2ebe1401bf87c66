"""A broker that changes without a word: fields nobody knows are passed over, limits it lowers are kept and shown."""

import json
import threading
import time

ORDERS = "/v1/accounts/main/orders"
BODY = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}


def place(pair, key):
    return pair.bridge.request(
        "POST", ORDERS, body=json.dumps(BODY), timeout=40, headers={"Content-Type": "application/json", "Idempotency-Key": key})


def policy(pair, name):
    status, _, limits = pair.bridge.get("/v1/limits")
    assert status == 200
    account = next(account for account in limits["accounts"] if account["account"] == "main")
    return next(policy for policy in account["policies"] if policy["name"] == name)


def test_fields_that_nobody_knows_change_nothing(pair):
    paths = [
        "/v1/quotes?symbols=700.HK,AAPL.US&max_age_ms=0", "/v1/depth/700.HK", "/v1/trades/700.HK", "/v1/instruments?symbols=5.HK",
        "/v1/candles/700.HK?interval=1d&limit=5", "/v1/accounts/main/balances", "/v1/accounts/main/positions",
        "/v1/accounts/main/watchlists", "/v1/accounts/main/orders",
    ]
    before = {path: pair.bridge.get(path) for path in paths}
    assert all(answer[0] == 200 for answer in before.values()), {path: answer[::2] for path, answer in before.items()}
    pair.control("faults", add_fields=True)
    # A login and everything behind it, with the new fields.
    pair.control("expire")
    pair.control("kick", expire=True)
    pair.control("drop")
    end, pause = time.monotonic() + 40, threading.Event()
    while any(link["losses"] < 1 for link in pair.bridge.get("/v1/accounts/main/session")[2]["links"]):
        assert time.monotonic() < end
        pause.wait(0.02)
    pair.until_ready()
    for path, answer in before.items():
        status, _, body = pair.bridge.get(path)
        assert status == 200 and shape(body) == shape(answer[2]), path
    stream = pair.bridge.stream("topics=quote:700.HK,orders:main")
    events = stream.events(40)
    status, _, placed = place(pair, "new-fields")
    assert status == 201, placed
    seen = set()
    while len(seen) < 2:
        event = next(events)
        if event.name == "quote" and not event.data.get("snapshot"):
            seen.add("quote")
        if event.name == "order" and event.data["id"] == placed["id"] and event.data["status"] == "open":
            seen.add("order")
    stream.close()
    assert pair.bridge.request("DELETE", f"{ORDERS}/{placed['id']}")[0] in (200, 202)


def shape(value):
    """The names of all members, without what they hold."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def test_a_limit_the_broker_lowers_is_kept_and_shown(pair):
    trade, quote = policy(pair, "trade/submit"), policy(pair, "quote")
    assert trade["ceiling"] == trade["limit"] and trade["lowered_for_ms"] is None
    assert quote["ceiling"] == quote["limit"] and quote["lowered_for_ms"] is None
    pair.control("trading", call="POST /v1/trade/order", fault="429")
    assert place(pair, "too-fast")[0] == 429
    lowered = policy(pair, "trade/submit")
    assert lowered["ceiling"] == trade["limit"] * 3 // 4 and lowered["limit"] == trade["limit"]
    assert 0 < lowered["lowered_for_ms"] <= 10 * lowered["window_ms"] + 60_000
    # What takes risk away is not held up by that.
    assert policy(pair, "trade")["ceiling"] == policy(pair, "trade")["limit"]
    pair.control("faults", fail={"securityQuote": {"status": 3, "code": 301606, "times": 1}})
    status, _, problem = pair.bridge.get("/v1/quotes?symbols=AAPL.US&max_age_ms=0")
    assert status == 429 and problem["code"] == "upstream_rate_limited", problem
    lowered = policy(pair, "quote")
    assert lowered["ceiling"] == quote["limit"] * 3 // 4 and lowered["lowered_for_ms"] > 0
