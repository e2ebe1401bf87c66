"""The broker's own interface through the bridge: what it answers, and what it cannot be used for."""

import json

import pytest

BASE = "/v1/accounts/main/longbridge"


def test_the_data_come_as_the_broker_gave_them(pair):
    status, _, data = pair.bridge.get(f"{BASE}/v1/asset/stock?symbol=700.HK")
    assert status == 200
    assert [p["symbol"] for p in data["list"][0]["stock_info"]] == ["700.HK"]


@pytest.mark.parametrize("method, path", [
    ("POST", "v1/trade/order"), ("PUT", "v1/trade/order"), ("DELETE", "v1/trade/order?order_id=1"),
    ("POST", "v1/gridtrading/submit"), ("POST", "v1/dailycoins/create"), ("GET", "v1/socket/token"),
    ("POST", "v1/account/anything"),
])
def test_orders_and_secrets_cannot_be_reached(pair, method, path):
    headers = {"Content-Type": "application/json"}
    status, _, problem = pair.bridge.request(method, f"{BASE}/{path}", headers=headers, body="{}" if method != "GET" else None)
    assert (status, problem["code"]) == (403, "raw_not_allowed")
    assert pair.broker_orders() == []


@pytest.mark.parametrize("path", [
    "v1//x", "v1/../x", "v1/%2e%2e/x", "v1/x%00", "v1/a@b", "v1/x;y", "v1/%2f%2fhost/x", "v1/" + "a" * 8000,
])
def test_paths_that_could_mean_another_place_are_refused(pair, path):
    status, _, problem = pair.bridge.get(f"{BASE}/{path}")
    assert status in (400, 404, 414), problem


def test_the_brokers_refusal_keeps_its_code(pair):
    status, _, problem = pair.bridge.get(f"{BASE}/v1/trade/order?order_id=1")
    assert status == 422 and problem["upstream"]["code"] == "602001" and problem["upstream"]["trace_id"]


def test_what_the_account_may_not_have_is_told_as_that(pair):
    status, _, problem = pair.bridge.get(f"{BASE}/v1/us/assets/overview")
    assert (status, problem["code"]) == (403, "upstream_not_permitted"), problem
    assert problem["upstream"]["code"] == "301604" and "retryable" not in problem


def test_a_write_on_the_list_goes_once_for_each_key(pair):
    headers = {"Content-Type": "application/json", "Idempotency-Key": "group"}
    body = json.dumps({"name": "Raw", "securities": ["700.HK"]})
    first = pair.bridge.request("POST", f"{BASE}/v1/watchlist/groups", headers=headers, body=body)
    again = pair.bridge.request("POST", f"{BASE}/v1/watchlist/groups", headers=headers, body=body)
    assert first[0] == again[0] == 200 and first[2] == again[2] and again[1]["Idempotency-Replayed"] == "true"


def test_another_query_is_another_write(pair):
    made = [
        pair.bridge.request(
            "POST", f"{BASE}/v1/watchlist/groups", headers={"Content-Type": "application/json"},
            body=json.dumps({"name": name, "securities": []}))[2]["id"] for name in ("one", "two")]
    path, key = f"{BASE}/v1/watchlist/groups?purge=true&id=", {"Idempotency-Key": "delete"}
    first = pair.bridge.request("DELETE", path + made[0], headers=key)
    other = pair.bridge.request("DELETE", path + made[1], headers=key)
    again = pair.bridge.request("DELETE", path + made[0], headers=key)
    assert first[0] == again[0] == 200 and again[1]["Idempotency-Replayed"] == "true"
    assert other[0] == 422 and other[2]["code"] == "idempotency_mismatch", other[2]
