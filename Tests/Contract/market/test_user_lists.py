"""Security list, temperatures, watchlists and price alerts over HTTP."""

import json

from judged import ask


def account_of(bridge):
    account = bridge.ready["accounts"][0]
    return account if isinstance(account, str) else account["alias"]


def test_the_security_list_has_pages(bridge):
    symbols, cursor = [], None
    while True:
        page = ask(bridge, "/v1/securities?limit=10" + (f"&cursor={cursor}" if cursor else ""))
        symbols += [entry["symbol"] for entry in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(symbols) == len(set(symbols)) == page["total"] > 10 and "AAPL.US" in symbols
    assert ask(bridge, "/v1/securities?market=HK", 422)["upstream"]["code"] == "310010"


def test_temperatures_have_a_history(bridge):
    now = ask(bridge, "/v1/markets/HK/temperature")
    assert 0 <= now["temperature"] <= 100 and now["meta"]["as_of"] == now["timestamp"]
    past = ask(bridge, "/v1/markets/US/temperature/history?start=2026-03-01&end=2026-03-31")["data"]
    assert len(past) == 22 and past[0]["date"] == "2026-03-02"


def test_a_watchlist_lives_and_dies(fresh_bridge):
    bridge = fresh_bridge
    base = f"/v1/accounts/{account_of(bridge)}/watchlists"
    made = ask(bridge, base, 201, "POST", {"name": "mine", "symbols": ["00700.HK", "AAPL.US"]})
    assert [entry["symbol"] for entry in made["securities"]] == ["700.HK", "AAPL.US"]
    path = f"{base}/{made['id']}"
    changed = ask(bridge, path, 200, "PATCH", {"name": "ours", "remove": ["700.HK"], "add": ["5.HK"], "pin": ["5.HK"]})
    assert changed["name"] == "ours" and [entry["symbol"] for entry in changed["securities"]] == ["AAPL.US", "5.HK"]
    assert changed["securities"][1]["pinned"] is True and changed["securities"][1]["price_when_added"]
    assert ask(bridge, path) == changed and ask(bridge, base)["data"] == [changed]
    assert ask(bridge, path, 200, "PATCH", {"symbols": ["5.HK", "AAPL.US"]})["securities"][0]["symbol"] == "5.HK"
    status, _, body = bridge.request("DELETE", path)
    assert status == 204 and body == b""
    assert ask(bridge, path, 404)["code"] == "not_found"
    assert bridge.request("DELETE", path)[0] == 404
    assert ask(bridge, base, 400, "POST", {"name": "x", "nonsense": 1})["field"] == "/nonsense"
    assert ask(bridge, base, 400, "POST", {"symbols": []})["code"] == "missing_field"
    assert ask(bridge, base, 422, "POST", {"name": "x", "symbols": ["nonsense"]})["code"] == "invalid_symbol"


def test_a_write_with_a_key_is_carried_out_once(fresh_bridge):
    bridge = fresh_bridge
    base = f"/v1/accounts/{account_of(bridge)}/watchlists"
    body = json.dumps({"name": "once", "symbols": ["700.HK"]})
    headers = {"Idempotency-Key": '"first-1"', "Content-Type": "application/json"}
    answers = [bridge.request("POST", base, headers=headers, body=body) for _ in range(3)]
    assert [status for status, _, _ in answers] == [201] * 3
    assert answers[0][2] == answers[1][2] == answers[2][2] and answers[0][1]["Idempotency-Replayed"] is None
    assert answers[1][1]["Idempotency-Replayed"] == "true"
    assert len(ask(bridge, base)["data"]) == 1
    assert ask(bridge, base, 422, "POST", {"name": "other"}, {"Idempotency-Key": "first-1"})["code"] == "idempotency_mismatch"
    path = f"{base}/{answers[0][2]['id']}"
    deleted = [bridge.request("DELETE", path, headers={"Idempotency-Key": "gone"}) for _ in range(2)]
    assert [status for status, _, _ in deleted] == [204, 204] and deleted[1][1]["Idempotency-Replayed"] == "true"
    # A problem is an answer as well; one that says that nothing was sent is not kept.
    refused = {"name": "x", "symbols": ["NOPE.HK"]}
    for replayed in (None, "true"):
        status, headers, _ = bridge.request(
            "POST", base, body=json.dumps(refused), headers={"Idempotency-Key": "bad", "Content-Type": "application/json"}
        )
        assert status == 422 and headers["Idempotency-Replayed"] == replayed


def test_a_price_alert_lives_and_dies(fresh_bridge):
    bridge = fresh_bridge
    base = f"/v1/accounts/{account_of(bridge)}/price-alerts"
    made = ask(bridge, base, 201, "POST", {"symbol": "700.HK", "condition": "price_above", "value": "999.5"})
    assert made["frequency"] == "once" and made["enabled"] is True and made["value"] == "999.5"
    path = f"{base}/{made['id']}"
    changed = ask(bridge, path, 200, "PATCH", {"enabled": False, "value": 998})
    assert changed["enabled"] is False and changed["value"] == "998" and changed["condition"] == "price_above"
    assert ask(bridge, f"{base}?symbol=5.HK")["data"] == [] and ask(bridge, base)["data"] == [changed]
    assert bridge.request("DELETE", path)[0] == 204 and ask(bridge, base)["data"] == []
    assert ask(bridge, base, 422, "POST", {"symbol": "700.HK", "condition": "price_above", "value": 0})["field"] == "/value"
    assert ask(bridge, path, 404, "PATCH", {"enabled": True})["code"] == "not_found"


def test_a_key_that_may_only_read_changes_no_list(start, tmp_path):
    with start("serve", "--sandbox") as bridge:
        base = f"/v1/accounts/{account_of(bridge)}/watchlists"
        status, _, _ = bridge.request("POST", base, headers={"Authorization": "Bearer nonsense"}, body="{}")
        assert status == 401
