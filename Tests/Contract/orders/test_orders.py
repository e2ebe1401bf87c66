"""Orders from the outside: placed once, followed to their end, found again when the answer was lost."""

import json
import threading
import time

import pytest

ORDERS = "/v1/accounts/main/orders"
BUY = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}
_numbers = iter(range(1, 1_000_000))


def place(bridge, order=None, key=None, timeout=30, **changes):
    body = json.dumps({**(order or BUY), **changes})
    headers = {"Idempotency-Key": key or f"k{next(_numbers)}", "Content-Type": "application/json"}
    return bridge.request("POST", ORDERS, headers=headers, body=body, timeout=timeout)


def order(bridge, identifier):
    status, _, found = bridge.get(f"{ORDERS}/{identifier}?detail=false")
    assert status == 200, found
    return found


def follow(bridge, wanted, seconds=30, topics="orders:main"):
    """Waits for an event of the account's that is as wanted."""
    stream = bridge.stream(f"topics={topics}")
    try:
        for event in stream.events(seconds):
            if event.name == "order" and wanted(event.data):
                return event.data
    finally:
        stream.close()
    raise AssertionError("no such event")


def until(bridge, identifier, wanted, seconds=30):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        found = order(bridge, identifier)
        if wanted(found):
            return found
        pause.wait(0.05)
    raise AssertionError(found)


class TestOneOrder:
    def test_a_resting_order_is_placed_amended_and_cancelled(self, pair):
        status, headers, placed = place(pair.bridge, note="first", client_order_id="mine-1")
        assert status == 201 and placed["status"] == "open" and placed["outcome"] == "accepted"
        assert headers["Location"] == f"{ORDERS}/{placed['id']}" and headers["ETag"] == f"\"{placed['version']}\""
        at_broker = pair.broker_orders()
        assert [o["order_id"] for o in at_broker if o["remark"].endswith(" first")] == [placed["broker_order_id"]]
        for reference in (placed["id"], f"broker:{placed['broker_order_id']}", "client:mine-1"):
            assert order(pair.bridge, reference)["id"] == placed["id"]
        change = {"Content-Type": "application/json"}
        status, _, body = pair.bridge.request(
            "PATCH", f"{ORDERS}/{placed['id']}", headers=change, body='{"quantity": 200, "limit_price": "301"}')
        assert status == 200, body
        amended = until(pair.bridge, placed["id"], lambda o: o["status"] == "open" and o["quantity"] == "200")
        assert amended["limit_price"] in ("301", "301.000") and amended["version"] > placed["version"]
        status, _, cancelled = pair.bridge.request("DELETE", f"{ORDERS}/{placed['id']}")
        assert status in (200, 202), cancelled
        final = until(pair.bridge, placed["id"], lambda o: o["status"] == "cancelled")
        assert final["remaining_quantity"] == "0"
        status, _, again = pair.bridge.request("DELETE", f"{ORDERS}/{placed['id']}")
        assert status == 200 and again["status"] == "cancelled"
        status, _, refused = pair.bridge.request(
            "PATCH", f"{ORDERS}/{placed['id']}", headers=change, body='{"quantity": 300}')
        assert status == 409 and refused["code"] == "order_not_amendable"

    def test_a_market_order_fills_and_its_fills_are_told_once(self, pair):
        stream = pair.bridge.stream("topics=orders:main,executions:main")
        events = stream.events(15)
        assert next(events).name == "hello"
        status, _, placed = place(pair.bridge, {"symbol": "700.HK", "side": "buy", "type": "market", "quantity": "100"})
        assert status == 201
        versions, fills = [], []
        for event in events:
            if event.name == "order" and event.data["id"] == placed["id"]:
                versions.append(event.data["version"])
            if event.name == "execution" and event.data["order_id"] == placed["id"]:
                fills.append(event.data)
            if fills and sum(int(f["quantity"]) for f in fills) == 100:
                break
        stream.close()
        assert versions == sorted(set(versions))
        done = order(pair.bridge, placed["id"])
        assert done["status"] == "filled" and done["filled_quantity"] == "100"
        assert {f["id"] for f in fills} and len({f["id"] for f in fills}) == len(fills)
        _, _, listed = pair.bridge.get(f"/v1/accounts/main/executions?order_id={placed['id']}")
        assert [f["id"] for f in listed["data"]] == [f["id"] for f in reversed(fills)]
        _, _, whole = pair.bridge.get(f"{ORDERS}/{placed['id']}")
        assert whole["charges"]["items"] and whole["broker_history"] and whole["timeline"][0]["kind"] == "created"

    def test_parts_are_counted_as_they_are_done(self, pair):
        pair.control("trading", paused=True)
        _, _, placed = place(pair.bridge, quantity="300")
        pair.control("order", do="fill", order_id=placed["broker_order_id"], quantity=100)
        part = until(pair.bridge, placed["id"], lambda o: o["status"] == "partially_filled")
        assert part["filled_quantity"] == "100" and part["remaining_quantity"] == "200"
        pair.control("order", do="cancel", order_id=placed["broker_order_id"])
        rest = until(pair.bridge, placed["id"], lambda o: o["status"] == "cancelled")
        assert rest["filled_quantity"] == "100" and rest["broker_status"] == "PartialWithdrawal"

    def test_a_change_that_the_broker_refuses_is_a_conflict(self, pair):
        _, _, placed = place(pair.bridge)
        pair.control("trading", call="DELETE /v1/trade/order", fault="code", code=602_001, times=1)
        status, _, problem = pair.bridge.request("DELETE", f"{ORDERS}/{placed['id']}")
        assert (status, problem["code"], problem["title"]) == (409, "order_not_amendable", "Conflict"), problem
        # The order is not over: it may be withdrawn yet, and is.
        assert problem["upstream"]["code"] == "602001" and problem["retryable"] is True
        status, _, _ = pair.bridge.request("DELETE", f"{ORDERS}/{placed['id']}")
        assert status in (200, 202)
        until(pair.bridge, placed["id"], lambda o: o["status"] == "cancelled")

    def test_pages_of_the_cash_flow_are_of_one_list(self, pair):
        pair.control("trading", past_orders=300, past_days=20)
        flow = "/v1/accounts/main/cash-flow"
        _, _, first = pair.bridge.get(flow)
        assert len(first["data"]) == 500 and first["next_cursor"]
        _, _, rest = pair.bridge.get(f"{flow}?cursor={first['next_cursor']}")
        assert rest["data"] and rest["next_cursor"] is None
        # The second page is of the same time, whatever the time is now and whatever is said beside it.
        _, _, same = pair.bridge.get(f"{flow}?cursor={first['next_cursor']}&start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z")
        assert same == rest
        for cursor in ("1", "2", "-1", "abc", "MCAwIDA"):
            status, _, problem = pair.bridge.get(f"{flow}?cursor={cursor}")
            assert (status, problem["field"]) == (400, "cursor"), problem

    def test_cash_and_shares_add_up(self, pair):
        def cash():
            _, _, balances = pair.bridge.get("/v1/accounts/main/balances")
            return {c["currency"]: c for c in balances["data"][0]["cash"]}["HKD"]

        def shares():
            _, _, positions = pair.bridge.get("/v1/accounts/main/positions?symbols=700.HK")
            return int(positions["data"][0]["quantity"])

        before, held = cash(), shares()
        _, _, placed = place(pair.bridge, {"symbol": "700.HK", "side": "buy", "type": "market", "quantity": "100"})
        until(pair.bridge, placed["id"], lambda o: o["status"] == "filled")
        _, _, whole = pair.bridge.get(f"{ORDERS}/{placed['id']}")
        spent = float(before["cash"]) - float(cash()["cash"])
        assert shares() == held + 100
        assert abs(spent - 100 * float(whole["average_price"]) - float(whole["charges"]["total"])) < 0.0005


class TestRefusals:
    @pytest.mark.parametrize("changes, status, code, field", [
        ({"quantity": "150"}, 422, "lot_size", "/quantity"),
        ({"limit_price": "300.05"}, 422, "invalid_price", "/limit_price"),
        ({"limit_price": None}, 422, "missing_price", "/limit_price"),
        ({"quantity": "0"}, 422, "invalid_quantity", "/quantity"),
        ({"quantity": "1e400"}, 400, "invalid_field", "/quantity"),
        ({"quantity": "0x10"}, 400, "invalid_field", "/quantity"),
        ({"quantity": "１２"}, 400, "invalid_field", "/quantity"),
        ({"quantity": "1_000"}, 400, "invalid_field", "/quantity"),
        ({"quantity": "NaN"}, 400, "invalid_field", "/quantity"),
        ({"quantity": "1" * 400}, 400, "invalid_field", "/quantity"),
        ({"type": "stop", "limit_price": None, "trigger_price": "310"}, 501, "not_supported_by_broker", "/type"),
        ({"symbol": "999999.HK"}, 422, "invalid_symbol", None),
        ({"admin": True}, 400, "unknown_field", "/admin"),
        ({"time_in_force": "gtd"}, 422, "invalid_expire_date", "/expire_date"),
        ({"side": "hold"}, 400, "invalid_field", "/side"),
        ({"outside_regular_hours": "extended"}, 422, "invalid_request", "/outside_regular_hours"),
    ])
    def test_what_cannot_be_is_refused_by_name_and_never_sent(self, pair_of_module, changes, status, code, field):
        before = len(pair_of_module.broker_orders())
        got, _, problem = place(pair_of_module.bridge, **changes)
        assert (got, problem["code"]) == (status, code), problem
        assert field is None or problem["field"] == field
        assert len(pair_of_module.broker_orders()) == before

    def test_the_nearest_valid_values_are_named(self, pair_of_module):
        assert place(pair_of_module.bridge, quantity="250")[2]["suggestions"] == ["200"]
        assert place(pair_of_module.bridge, limit_price="300.13")[2]["suggestions"] in (["300.200"], ["300.2"])

    @pytest.mark.parametrize("headers, status, code", [
        ({}, 428, "idempotency_key_required"),
        ({"Idempotency-Key": "x" * 300}, 400, "invalid_idempotency_key"),
        ({"Idempotency-Key": "a\tb"}, 400, "invalid_idempotency_key"),
    ])
    def test_a_key_is_needed_and_must_be_one(self, pair_of_module, headers, status, code):
        got, _, problem = pair_of_module.bridge.request(
            "POST", ORDERS, headers={"Content-Type": "application/json", **headers}, body=json.dumps(BUY))
        assert (got, problem["code"]) == (status, code)

    def test_a_body_that_is_no_json_type_is_415(self, pair_of_module):
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            got, _, problem = pair_of_module.bridge.request(
                "POST", ORDERS, headers={"Content-Type": kind, "Idempotency-Key": "kind"}, body=json.dumps(BUY))
            assert (got, problem["code"]) == (415, "unsupported_media_type")

    def test_what_only_the_broker_can_judge_ends_as_rejected(self, pair_of_module):
        status, _, placed = place(pair_of_module.bridge, quantity="90000000", limit_price="300")
        assert status == 201
        rejected = until(pair_of_module.bridge, placed["id"], lambda o: o["status"] == "rejected")
        assert rejected["reject"]["detail"] == "Insufficient buying power"

    def test_the_brokers_own_refusal_keeps_its_code_and_trace(self, pair_of_module):
        pair_of_module.control("trading", call="POST /v1/trade/order", fault="code", code=602315)
        status, _, problem = place(pair_of_module.bridge)
        assert status == 403 and problem["upstream"]["code"] == "602315" and problem["upstream"]["trace_id"]
        assert order(pair_of_module.bridge, problem["order_id"])["status"] == "rejected"

    def test_a_dry_run_sends_nothing(self, pair_of_module):
        before = len(pair_of_module.broker_orders())
        status, _, verdict = pair_of_module.bridge.request(
            "POST", f"{ORDERS}?dry_run=true", headers={"Content-Type": "application/json"}, body=json.dumps(BUY))
        assert status == 200 and verdict["acceptable"] is True
        assert len(pair_of_module.broker_orders()) == before

    def test_a_version_that_is_not_the_orders_is_412(self, pair_of_module):
        _, _, placed = place(pair_of_module.bridge)
        status, _, problem = pair_of_module.bridge.request(
            "DELETE", f"{ORDERS}/{placed['id']}", headers={"If-Match": '"999"'})
        assert status == 412 and problem["code"] == "version_mismatch"


class TestIdempotency:
    def test_the_same_key_and_body_give_the_first_answer_again(self, pair):
        first = place(pair.bridge, key="same")
        again = place(pair.bridge, key="same")
        assert first[0] == again[0] == 201 and first[2] == again[2]
        assert again[1]["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first[1]
        assert len(pair.broker_orders()) == 1

    def test_another_body_is_a_mismatch(self, pair):
        place(pair.bridge, key="one")
        status, _, problem = place(pair.bridge, key="one", quantity="200")
        assert status == 422 and problem["code"] == "idempotency_mismatch"
        assert len(pair.broker_orders()) == 1

    def test_one_key_in_parallel_is_one_order(self, pair):
        # Again and again, all at once: those that come within one millisecond are the hard case.
        for turn in range(5):
            pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=200)
            headers = {"Idempotency-Key": f"par{turn}", "Content-Type": "application/json"}
            connections = [pair.bridge.connection(30) for _ in range(8)]
            for connection in connections:
                connection.connect()
            for connection in connections:
                connection.request("POST", ORDERS, body=json.dumps(BUY), headers=pair.bridge.headers(headers))
            answers = []
            for connection in connections:
                response = connection.getresponse()
                answers.append((response.status, json.loads(response.read())))
                connection.close()
            statuses = sorted(status for status, _ in answers)
            assert statuses.count(201) >= 1 and set(statuses) <= {201, 409}
            assert {a["code"] for s, a in answers if s == 409} <= {"idempotency_in_flight"}
            assert len(pair.broker_orders()) == turn + 1


class TestLostAnswers:
    @pytest.mark.parametrize("fault", ["drop-after", "html-after", "half-after"])
    def test_an_order_whose_answer_is_lost_is_found_and_never_sent_again(self, pair, fault):
        pair.control("trading", paused=True, lost_percent=100)
        pair.control("trading", call="POST /v1/trade/order", fault=fault)
        status, _, placed = place(pair.bridge, key="lost")
        assert status == 202 and placed["status"] == "unknown" and placed["outcome"] == "unknown"
        found = until(pair.bridge, placed["id"], lambda o: o["status"] == "open")
        assert found["broker_order_id"] == pair.broker_orders()[0]["order_id"]
        assert len(pair.broker_orders()) == 1
        kinds = [entry["kind"] for entry in pair.bridge.get(f"{ORDERS}/{placed['id']}")[2]["timeline"]]
        assert kinds[0] == "created" and "unknown" in kinds and "reconciled" in kinds
        status, headers, again = place(pair.bridge, key="lost")
        assert status == 202 and headers["Idempotency-Replayed"] == "true"
        assert len(pair.broker_orders()) == 1

    def test_an_order_that_never_arrived_stays_unknown_until_that_is_sure(self, pair):
        pair.control("trading", call="POST /v1/trade/order", fault="drop-before")
        status, _, placed = place(pair.bridge)
        assert status == 202 and placed["status"] == "unknown"
        assert pair.broker_orders() == []

    @pytest.mark.parametrize("fault", ["429", "429-text"])
    def test_a_refusal_for_haste_frees_the_key(self, pair, fault):
        pair.control("trading", call="POST /v1/trade/order", fault=fault)
        status, headers, problem = place(pair.bridge, key="fast")
        assert status == 429 and problem["code"] == "upstream_rate_limited" and problem["retryable"] is True
        assert int(headers["Retry-After"]) >= 1
        assert order(pair.bridge, problem["order_id"])["outcome"] == "not_sent"

    def test_a_broker_out_of_reach_frees_the_key(self, pair):
        # Nothing is sent before the broker's list has been seen once.
        assert place(pair.bridge)[0] == 201
        pair.broker.stop()
        status, _, problem = place(pair.bridge, key="gone")
        assert status in (424, 502) and problem["retryable"] is True
        assert order(pair.bridge, problem["order_id"])["outcome"] == "not_sent"

    def test_orders_of_others_are_listed_without_a_name_of_ours(self, pair):
        pair.control("trading", paused=True)
        pair.control("order", do="place", symbol="5.HK", price="60", quantity=400)
        seen = follow(pair.bridge, lambda o: o["symbol"] == "5.HK")
        assert seen["client_order_id"] is None and seen["outcome"] == "accepted"

    def test_two_orders_with_one_tag_raise_an_alarm_and_nothing_is_cancelled(self, pair):
        pair.control("trading", paused=True)
        _, _, placed = place(pair.bridge)
        tag = pair.broker_orders()[0]["remark"]
        pair.control("order", do="place", symbol="700.HK", price="300", quantity=100, remark=tag)
        until(pair.bridge, placed["id"], lambda o: o["duplicate_suspected"])
        statuses = [o["status"] for o in pair.broker_orders()]
        assert len(statuses) == 2 and set(statuses) <= {"WaitToNew", "NewStatus"}


@pytest.fixture(scope="module")
def pair_of_module():
    from conftest import paired

    with paired(trade_calls=100_000) as started:
        yield started
