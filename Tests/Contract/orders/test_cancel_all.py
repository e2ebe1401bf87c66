"""Cancelling all orders at once: one outcome each, whatever the broker's limits and its answers are."""

import hashlib
import json
import sqlite3
import threading
import time

from test_orders import ORDERS, place, until

JSON = {"Content-Type": "application/json"}
SUBMIT, CANCEL = "POST /v1/trade/order", "DELETE /v1/trade/order"


def calls(pair, name):
    return pair.broker.sandbox("GET", "counters")["calls"].get(name, 0)


def test_the_answer_comes_in_time_though_the_broker_does_not(pair):
    pair.kill()
    with open(pair.configuration, "a") as file:
        file.write("limits: {request_deadline: 3s}\n")
    bridge = pair.start()
    pair.control("trading", paused=True)
    placed = [place(bridge)[2]["id"] for _ in range(3)]
    pair.control("trading", call=CANCEL, fault="slow-before", delay_ms=5000)
    status, _, body = bridge.request("POST", f"{ORDERS}/cancel-all", timeout=30)
    assert status == 200, body
    assert [entry["id"] for entry in body["data"]] == placed
    assert {entry["status"] for entry in body["data"]} <= {200, 202}
    # Nobody waited for the one that hung, and it goes on all the same.
    for identifier in placed:
        until(bridge, identifier, lambda o: o["status"] == "cancelled")


def test_what_finds_no_room_is_told_order_by_order(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    placed = [place(bridge)[2]["id"] for _ in range(12)]
    pair.kill()
    text = pair.configuration.read_text().replace("trade_calls: 100000", "trade_calls: 8")
    assert "trade_calls: 8" in text
    pair.configuration.write_text(text)
    bridge = pair.start()
    status, headers, body = bridge.request("POST", f"{ORDERS}/cancel-all", headers={"Prefer": "wait=1"}, timeout=60)
    assert status == 200 and headers["Preference-Applied"] == "wait=1", body
    assert sorted(entry["id"] for entry in body["data"]) == sorted(placed)
    asked = [entry for entry in body["data"] if entry["status"] in (200, 202)]
    refused = [entry for entry in body["data"] if entry not in asked]
    assert 1 <= len(asked) <= 8
    for entry in refused:
        problem = entry["problem"]
        assert (problem["status"], problem["code"]) == (429, "upstream_rate_limited") and problem["retryable"] is True
        assert problem["retry_after_ms"] > 0
    for entry in asked:
        until(bridge, entry["id"], lambda o: o["status"] == "cancelled", seconds=60)
    # Whoever calls again is told of the rest alone.
    body = bridge.request("POST", f"{ORDERS}/cancel-all", headers={"Prefer": "wait=1"}, timeout=60)[2]
    assert {entry["id"] for entry in body["data"]} == {entry["id"] for entry in refused}


def test_a_halt_takes_back_what_was_on_its_way_to_the_broker(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    before, answers = calls(pair, SUBMIT), []
    pair.control("trading", call=SUBMIT, fault="slow-before", delay_ms=2000)
    strategy = threading.Thread(target=lambda: answers.append(place(bridge)))
    strategy.start()
    while calls(pair, SUBMIT) == before:
        threading.Event().wait(0.02)
    status, _, body = bridge.request(
        "PUT", "/v1/accounts/main/kill-switch", headers=JSON, body=json.dumps({"cancel_open_orders": True}), timeout=30)
    strategy.join()
    assert status == 200 and answers[0][0] == 201, (body, answers)
    identifier = answers[0][2]["id"]
    assert [entry["id"] for entry in body["cancelled"][0]["orders"]] == [identifier]
    until(bridge, identifier, lambda o: o["status"] == "cancelled")


def test_an_order_that_nobody_knows_of_is_told_too(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    pair.control("trading", call=SUBMIT, fault="500")
    status, _, placed = place(bridge)
    assert status == 202 and placed["status"] == "unknown", placed
    status, _, body = bridge.request("POST", f"{ORDERS}/cancel-all")
    assert status == 200, body
    # Whether it is there is being looked for: it has an end by then, or is told as one that cannot be cancelled yet.
    found = {entry["id"]: entry for entry in body["data"]}
    if placed["id"] in found:
        assert found[placed["id"]]["problem"]["code"] == "order_not_amendable"
    else:
        assert bridge.get(f"{ORDERS}/{placed['id']}?detail=false")[2]["status"] in ("rejected", "cancelled")


def test_a_cancellation_whose_answer_was_lost_is_carried_out_again_for_its_key(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    path = f"{ORDERS}/{place(bridge)[2]['id']}"
    assert bridge.stop() == 0
    # As a run leaves its keys that ends before the answers.
    database = sqlite3.connect(pair.folder / "state" / "bridge.sqlite")
    for key, route, body in (("lost", f"DELETE {path}", b""), ("rules", "PUT /v1/accounts/main/risk", b"{}")):
        database.execute(
            "INSERT INTO idempotency (holder, key, route, body_hash, created_ms) VALUES ('tests', ?, ?, ?, ?)",
            (key, route, hashlib.sha256(body).digest(), int(time.time() * 1000)))
    database.commit()
    database.close()
    bridge = pair.start()
    # What may add risk is not guessed at.
    rules = bridge.request("PUT", "/v1/accounts/main/risk", headers={**JSON, "Idempotency-Key": "rules"}, body="{}")
    assert rules[0] == 409 and rules[2]["code"] == "idempotency_in_flight", rules
    again = bridge.request("DELETE", path, headers={"Idempotency-Key": "lost"})
    assert again[0] in (200, 202), again
    replayed = bridge.request("DELETE", path, headers={"Idempotency-Key": "lost"})
    assert replayed[0] == again[0] and replayed[1]["Idempotency-Replayed"] == "true"
    until(bridge, path.rpartition("/")[2], lambda o: o["status"] == "cancelled")
