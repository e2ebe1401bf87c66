"""Rules of risk and the halt of trading: judged before anything leaves, kept over restarts, recorded."""

import json
import sys
import pathlib
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "orders"))
from test_orders import BUY, ORDERS, order, place, until  # noqa: E402

ACCOUNT = "/v1/accounts/main"
JSON = {"Content-Type": "application/json"}


def bound(bridge, **rules):
    status, _, body = bridge.request("PUT", f"{ACCOUNT}/risk", headers=JSON, body=json.dumps(rules))
    assert status == 200, body
    return body


def amend(bridge, identifier, **change):
    return bridge.request("PATCH", f"{ORDERS}/{identifier}", headers=JSON, body=json.dumps(change))


def refused_for(answer, *rules):
    status, _, problem = answer
    assert status == 422 and problem["code"] == "risk_limit", problem
    assert [v["rule"] for v in problem["verdicts"] if not v["passed"]] == list(rules), problem
    return problem


def last_price(bridge):
    return float(bridge.get("/v1/quotes?symbols=700.HK&max_age_ms=0")[2]["data"][0]["last"])


def test_each_rule_is_judged_before_anything_leaves(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    cases = [
        ({"max_order_value": "29999"}, {}, "max_order_value"),
        ({"max_order_quantity": "99"}, {}, "max_order_quantity"),
        ({"symbols": ["5.HK"]}, {}, "symbols"), ({"markets": ["US"]}, {}, "markets"), ({"sides": ["sell"]}, {}, "sides"),
        ({"order_types": ["market"]}, {}, "order_types"), ({"max_open_orders": 0}, {}, "max_open_orders"),
        ({"orders_per_day": 0}, {}, "orders_per_day"), ({"orders_per_minute": 0}, {}, "orders_per_minute"),
        ({"max_notional_per_day": "29999"}, {}, "max_notional_per_day"),
        ({"price_collar_percent": "5"}, {"limit_price": "1"}, "price_collar_percent"),
    ]
    for rules, change, rule in cases:
        bound(bridge, **rules)
        refused_for(place(bridge, **change), rule)
        headers = {"Content-Type": "application/json"}
        dry = bridge.request("POST", f"{ORDERS}?dry_run=true", headers=headers, body=json.dumps({**BUY, **change}))
        refused_for(dry, rule)
    assert pair.broker_orders() == []
    assert bridge.get(f"{ORDERS}?status=open")[2]["data"] == []
    # At the bound it goes, and the dry run shows what was judged.
    bound(bridge, max_order_value="30000", max_order_quantity="100", max_open_orders=1)
    dry = bridge.request("POST", f"{ORDERS}?dry_run=true", headers=JSON, body=json.dumps(BUY))
    assert dry[0] == 200 and dry[2]["acceptable"] is True
    assert [(v["owner"], v["rule"], v["passed"], v["limit"], v["value"]) for v in dry[2]["verdicts"]] == [
        ("account", "max_order_quantity", True, "100", "100"), ("account", "max_order_value", True, "30000", "30000"),
        ("account", "max_open_orders", True, "1", "1")]
    assert place(bridge)[0] == 201
    refused_for(place(bridge), "max_open_orders")
    assert len(pair.broker_orders()) == 1


def test_attached_orders_are_judged_too(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    last = last_price(bridge)
    price = f"{last:.0f}"
    exits = {"take_profit": {"trigger_price": f"{last * 1.05:.0f}"}, "stop_loss": {"trigger_price": f"{last * 0.6:.0f}"}}
    bound(bridge, price_collar_percent="20")
    problem = refused_for(place(bridge, limit_price=price, attached=exits), "price_collar_percent")
    assert 35 < float(problem["verdicts"][0]["value"]) < 45
    bound(bridge, max_order_value=f"{last * 102:.0f}")
    refused_for(place(bridge, limit_price=price, attached=exits), "max_order_value")
    assert pair.broker_orders() == []
    bound(bridge, price_collar_percent="50", max_order_value=f"{last * 110:.0f}")
    status, _, placed = place(bridge, limit_price=price, attached=exits)
    assert status == 201, placed
    exits["stop_loss"]["trigger_price"] = f"{last * 0.3:.0f}"
    refused_for(amend(bridge, placed["id"], attached=exits), "price_collar_percent")


def test_verdicts_are_in_the_log_for_what_went_and_for_what_did_not(pair):
    bound(pair.bridge, max_order_quantity="100")
    _, headers, problem = place(pair.bridge, quantity="200")
    assert problem["code"] == "risk_limit"
    placed = place(pair.bridge)[2]
    entries = pair.bridge.get("/v1/audit?limit=50")[2]["data"]
    refused = next(entry for entry in entries if entry.get("request_id") == headers["X-Request-Id"])
    assert refused["code"] == "risk_limit" and refused["verdicts"] == [
        "account max_order_quantity failed: 200 of 100"]
    intent = next(e for e in entries if e["kind"] == "intent" and e.get("order_id") == placed["id"])
    assert intent["verdicts"] == ["account max_order_quantity passed: 100 of 100"]


def test_values_without_a_limit_are_judged_by_the_last_price(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    price = last_price(bridge)
    bound(bridge, max_order_value=str(round(price * 100 * 2)))
    market = {"type": "market", "limit_price": None, "quantity": "100"}
    body = {k: v for k, v in {**BUY, **market}.items() if v is not None}
    assert place(bridge, body)[0] == 201
    refused_for(place(bridge, {**body, "quantity": "300"}), "max_order_value")
    # A sell may be done far above its limit: the limit does not make it small.
    refused_for(place(bridge, {**BUY, "side": "sell", "quantity": "300", "limit_price": "1"}), "max_order_value")


def test_a_contract_is_worth_all_that_it_is_of(fresh_bridge):
    """Ten options at 50 are of 1000 shares: 50 000, not 500."""
    bridge, account = fresh_bridge, "/v1/accounts/sandbox-futu"
    expiry = bridge.get("/v1/options/AAPL.US/expirations?account=sandbox-futu")[2]["data"][-1]
    option = bridge.get(f"/v1/options/AAPL.US/chain?account=sandbox-futu&expiry={expiry}")[2]["data"][0]["call"]
    for symbol, size, price in ((option, 100, 50), ("HSImain.HK", 50, 20000), ("AAPL.US", 1, 100)):
        body = {"symbol": symbol, "side": "buy", "type": "limit", "quantity": "100", "limit_price": str(price)}
        for rules, status in (({"max_order_value": size * price * 100}, 200), ({"max_order_value": size * price * 100 - 1}, 422)):
            assert bridge.request("PUT", f"{account}/risk", headers=JSON, body=json.dumps(rules))[0] == 200
            dry = bridge.request("POST", f"{account}/orders?dry_run=true", headers=JSON, body=json.dumps(body))
            assert dry[0] == status, dry
            assert [v["value"] for v in dry[2]["verdicts"]] == [str(size * price * 100)], dry


def test_an_order_that_cannot_be_judged_is_not_sent(pair):
    bridge = pair.bridge
    bound(bridge, price_collar_percent="90")
    assert place(bridge)[0] == 201
    pair.control("logins", refused=True)
    pair.control("drop")
    end, pause = time.monotonic() + 10, threading.Event()
    while bridge.get("/v1/quotes?symbols=5.HK&max_age_ms=0")[0] == 200 and time.monotonic() < end:
        pause.wait(0.02)
    problem = refused_for(place(bridge, symbol="5.HK", quantity="400", limit_price="60"), "price_collar_percent")
    assert problem["verdicts"][0]["value"] is None
    assert len(pair.broker_orders()) == 1


def test_an_amendment_is_judged_by_what_it_raises(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    placed = place(bridge)[2]
    bound(bridge, max_order_value="45000", max_order_quantity="150", max_notional_per_day="70000")
    refused_for(amend(bridge, placed["id"], quantity=200), "max_order_quantity", "max_order_value")
    refused_for(amend(bridge, placed["id"], limit_price="451"), "max_order_value")
    assert {o["quantity"] for o in pair.broker_orders()} == {"100"}
    assert amend(bridge, placed["id"], limit_price="310")[0] == 200
    use = bridge.get(f"{ACCOUNT}/risk")[2]["use"]["days"]
    assert [(day["market"], day["orders"], float(day["notional"])) for day in use] == [("HK", 1, 31000)]
    until(bridge, placed["id"], lambda o: o["status"] == "open" and float(o["limit_price"]) == 310)
    refused_for(place(bridge, limit_price="391"), "max_notional_per_day")
    # What is over a new bound may still be made less.
    bound(bridge, max_order_value="1", max_order_quantity="1", sides=["sell"])
    pair.control("trading", paused=True)
    status, _, body = amend(bridge, placed["id"], limit_price="300")
    refused_for((status, _, body), "sides")


def test_an_amendment_of_anything_but_fewer_shares_is_judged_by_the_lists(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    trailing = {
        "symbol": "700.HK", "side": "sell", "type": "trailing_stop_percent", "quantity": "200", "trailing_percent": "5"}
    placed = place(bridge, trailing)
    assert placed[0] == 201, placed
    attached = {"take_profit": {"trigger_price": f"{last_price(bridge) * 1.1:.0f}"}}
    bracket = place(bridge, attached=attached)
    assert bracket[0] == 201, bracket
    bound(bridge, symbols=["5.HK"], trading_hours="00:00-00:01" if time.gmtime().tm_hour not in (15, 16) else "12:00-12:01")
    refused_for(amend(bridge, placed[2]["id"], trailing_percent="0.1"), "symbols", "trading_hours")
    refused_for(amend(bridge, placed[2]["id"], trailing_percent="0.1", quantity="100"), "symbols", "trading_hours")
    refused_for(amend(bridge, bracket[2]["id"], attached=None), "symbols", "trading_hours")
    status, _, body = amend(bridge, placed[2]["id"], quantity="100", trailing_percent="5.0")
    assert status == 200, body


def test_what_counts_and_what_bounds_survive_kill(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    bound(bridge, orders_per_day=2, max_notional_per_day="60000")
    assert place(bridge, key="one")[0] == 201
    pair.kill()
    bridge = pair.start()
    assert bridge.get(f"{ACCOUNT}/risk")[2]["rules"]["orders_per_day"] == 2
    assert place(bridge, key="two")[0] == 201
    refused_for(place(bridge, key="three"), "orders_per_day", "max_notional_per_day")
    # A key that was used is answered as it was, whatever the rules say now.
    status, headers, _ = place(bridge, key="one")
    assert status == 201 and headers["Idempotency-Replayed"] == "true"
    # And a refusal leaves its key free.
    bound(bridge)
    status, headers, _ = place(bridge, key="three")
    assert status == 201 and "Idempotency-Replayed" not in headers


def test_what_the_broker_refuses_gives_its_value_back_and_not_its_attempt(pair):
    bridge = pair.bridge
    pair.control("trading", call="POST /v1/trade/order", fault="429")
    before = bridge.get(f"{ACCOUNT}/risk")[2]["use"]["days"]
    assert place(bridge)[0] == 429
    after = bridge.get(f"{ACCOUNT}/risk")[2]["use"]["days"]
    assert after[0]["orders"] == (before[0]["orders"] if before else 0) + 1
    assert after[0]["notional"] == (before[0]["notional"] if before else "0")


def test_a_keys_own_bounds_bind_that_key_only(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    body = {
        "name": "small", "scopes": ["trade", "account:read"], "accounts": ["main"],
        "risk": {"max_order_value": "1000", "max_open_orders": 1}}
    secret = bridge.request("POST", "/v1/keys", headers=JSON, body=json.dumps(body))[2]["key"]
    own = {**JSON, "Authorization": f"Bearer {secret}"}

    def by_key(key, **changes):
        headers = {**own, "Idempotency-Key": key}
        return pair.bridge.request("POST", ORDERS, headers=headers, body=json.dumps({**BUY, **changes}))

    problem = refused_for(by_key("a"), "max_order_value")
    assert problem["verdicts"][0]["owner"] == "key"
    assert place(bridge)[0] == 201
    assert by_key("b", limit_price="10")[0] == 201
    refused_for(by_key("c", limit_price="10"), "max_open_orders")
    assert bridge.get(f"{ACCOUNT}/risk", headers=own)[2]["key"]["use"]["open_orders"] == 1
    assert bridge.request("PUT", f"{ACCOUNT}/risk", headers=own, body="{}")[0] == 403
    assert bridge.request("PUT", "/v1/kill-switch", headers=own, body="{}")[0] == 403
    pair.kill()
    bridge = pair.start()
    refused_for(by_key("d", limit_price="10"), "max_open_orders")


def test_many_at_once_never_pass_the_room_of_few(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    bound(bridge, orders_per_day=5)
    answers = []

    def work(number):
        answers.append(place(bridge, key=f"p{number}")[0])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 5 + [422] * 15
    assert len(pair.broker_orders()) == 5


@pytest.mark.parametrize("path", ["/v1/kill-switch", f"{ACCOUNT}/kill-switch"])
def test_a_halt_lets_nothing_new_through_and_cancellations_go_on(pair, path):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    placed = place(bridge, key="before")[2]
    stream = bridge.stream("topics=session:main")
    seen = []
    reader = threading.Thread(target=lambda: seen.extend(e for e in stream.events(20) if e.name in ("kill_switch",)))
    reader.start()
    status, _, body = bridge.request("PUT", path, headers=JSON, body='{"reason": "a test"}')
    assert status == 200 and body["kill_switch"]["halted"] is True and body["cancelled"] is None
    for answer in (
        place(bridge, key="during"), amend(bridge, placed["id"], quantity=200),
        bridge.request("POST", f"{ORDERS}?dry_run=true", headers=JSON, body=json.dumps(BUY)),
        bridge.request(
            "POST", f"{ACCOUNT}/longbridge/v1/watchlist/groups", headers=JSON, body='{"name": "x", "securities": []}'),
    ):
        assert answer[0] == 423 and answer[2]["code"] == "trading_halted" and "a test" in answer[2]["detail"]
    status, headers, _ = place(bridge, key="before")
    assert status == 201 and headers["Idempotency-Replayed"] == "true"
    pair.kill()
    bridge = pair.start()
    assert bridge.get(path)[2]["halted"] is True
    assert place(bridge, key="during")[0] == 423
    assert bridge.request("DELETE", f"{ORDERS}/{placed['id']}")[0] in (200, 202)
    until(bridge, placed["id"], lambda o: o["status"] == "cancelled")
    assert len(pair.broker_orders()) == 1
    assert bridge.request("DELETE", path)[2]["halted"] is False
    assert place(bridge, key="during")[0] == 201
    reader.join(30)
    assert [event.data["halted"] for event in seen][:1] == [True]
    actions = [(e["kind"], e.get("action")) for e in bridge.get("/v1/audit?limit=200")[2]["data"]]
    assert ("intent", "kill-switch.put") in actions and ("intent", "kill-switch.delete") in actions


def test_a_halt_may_take_back_what_is_open(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    placed = [place(bridge)[2]["id"] for _ in range(3)]
    status, _, body = bridge.request("PUT", "/v1/kill-switch", headers=JSON, body='{"cancel_open_orders": true}')
    assert status == 200
    assert sorted(o["id"] for o in body["cancelled"][0]["orders"]) == sorted(placed)
    for identifier in placed:
        until(bridge, identifier, lambda o: o["status"] == "cancelled")


def test_every_write_is_done_once_for_its_key(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    keyed = {**JSON, "Idempotency-Key": "a-key"}
    body = json.dumps({"name": "once", "scopes": ["market:read"], "accounts": ["main"]})
    first = bridge.request("POST", "/v1/keys", headers=keyed, body=body)
    again = bridge.request("POST", "/v1/keys", headers=keyed, body=body)
    assert first[0] == again[0] == 201 and again[1]["Idempotency-Replayed"] == "true"
    # The secret was shown once, and is stored nowhere.
    assert first[2]["key"].startswith("bb_") and again[2] == {**first[2], "key": None}
    assert again[1]["Location"] == first[1]["Location"] == f"/v1/keys/{first[2]['id']}"
    other = bridge.request("POST", "/v1/keys", headers=keyed, body=body.replace("once", "twice"))
    assert other[0] == 422 and other[2]["code"] == "idempotency_mismatch"
    placed = place(bridge)[2]
    keyed = {**JSON, "Idempotency-Key": "an-amendment"}
    first = bridge.request("PATCH", f"{ORDERS}/{placed['id']}", headers=keyed, body='{"quantity": 200}')
    again = bridge.request("PATCH", f"{ORDERS}/{placed['id']}", headers=keyed, body='{"quantity": 200}')
    assert first[0] == again[0] == 200 and first[2] == again[2] and again[1]["Idempotency-Replayed"] == "true"
    assert again[1]["ETag"] == first[1]["ETag"] == f"\"{first[2]['version']}\""
    until(bridge, placed["id"], lambda o: o["quantity"] == "200" and o["status"] == "open")
    keyed = {"Idempotency-Key": "a-cancel"}
    first = bridge.request("DELETE", f"{ORDERS}/{placed['id']}", headers=keyed)
    again = bridge.request("DELETE", f"{ORDERS}/{placed['id']}", headers=keyed)
    assert first[0] == again[0] and first[2] == again[2] and again[1]["Idempotency-Replayed"] == "true"
    # What was not done leaves its key free.
    keyed = {**JSON, "Idempotency-Key": "rules"}
    assert bridge.request("PUT", f"{ACCOUNT}/risk", headers=keyed, body='{"orders_per_day": -1}')[0] == 400
    assert bridge.request("PUT", f"{ACCOUNT}/risk", headers=keyed, body='{"orders_per_day": 9}')[0] == 200
    bad = bridge.request("PUT", f"{ACCOUNT}/risk", headers={**JSON, "Idempotency-Key": "x" * 300}, body="{}")
    assert bad[0] == 400 and bad[2]["code"] == "invalid_idempotency_key"
