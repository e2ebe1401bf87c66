"""Conditions of orders and orders attached to them, to their own end; orders that the broker has no more."""

import json
import time

from judged import judge
from test_orders import BUY, ORDERS, order, place, until

MARKET = {"symbol": "700.HK", "side": "buy", "type": "market", "quantity": "100"}


def last(bridge, symbol="700.HK"):
    return float(bridge.get(f"/v1/quotes?symbols={symbol}")[2]["data"][0]["last"])


def attached(bridge, identifier):
    return {a["purpose"]: a for a in order(bridge, identifier)["attached_orders"]}


class TestAttached:
    def test_a_bracket_is_followed_beyond_its_orders_end(self, pair):
        price = last(pair.bridge)
        status, _, placed = place(pair.bridge, {**MARKET, "attached": {
            "take_profit": {"trigger_price": "900"}, "stop_loss": {"trigger_price": "100"}, "time_in_force": "gtc"}})
        assert status == 201 and 100 < price < 900, placed
        judge(ORDERS, 201, placed, "POST")
        until(pair.bridge, placed["id"], lambda o: o["status"] == "filled" and len(o["attached_orders"]) == 2)
        both = attached(pair.bridge, placed["id"])
        assert {a["status"] for a in both.values()} == {"open"} and both["take_profit"]["trigger_price"] in ("900", "900.000")
        judge(f"{ORDERS}/{placed['id']}", 200, pair.bridge.get(f"{ORDERS}/{placed['id']}")[2])
        # The bridge is killed; what comes of them is told all the same.
        pair.kill()
        pair.start()
        pair.control("order", do="fill", order_id=both["take_profit"]["broker_order_id"], quantity=100, price="900")
        until(pair.bridge, placed["id"], lambda o: any(
            a["purpose"] == "take_profit" and a["status"] == "filled" and a["filled_quantity"] == "100"
            for a in o["attached_orders"]))

    def test_their_fills_belong_to_the_order_however_early_they_come(self, pair):
        _, _, placed = place(pair.bridge, attached={
            "take_profit": {"trigger_price": "500"}, "stop_loss": {"trigger_price": "200"}, "time_in_force": "gtc"})
        there = next(o for o in pair.broker_orders() if o["order_id"] == placed["broker_order_id"])
        child = next(a for a in there["attached_orders"] if a["attached_type_display"] == "STOP_LOSS")
        # Both are done before the bridge has asked for a list that names the attached order.
        pair.control("order", do="fill", order_id=placed["broker_order_id"], quantity=100, price="300")
        pair.control("order", do="fill", order_id=child["order_id"], quantity=100, price="200")
        stream = pair.bridge.stream("topics=executions:main&last_event_id=0")
        fills = {}
        for event in stream.events(40):
            if event.name == "execution":
                fills[event.data["broker_order_id"]] = event.data
                if child["order_id"] in fills and placed["broker_order_id"] in fills:
                    break
        stream.close()
        whose = {number: (f["order_id"], f["attached"]) for number, f in fills.items()}
        assert whose[placed["broker_order_id"]] == (placed["id"], None)
        assert whose[child["order_id"]] == (placed["id"], "stop_loss") and fills[child["order_id"]]["side"] == "sell"
        # The list says the same, for the order too, also after a restart.
        for _ in range(2):
            for query in ("", f"?order_id={placed['id']}"):
                status, _, page = pair.bridge.get(f"/v1/accounts/main/executions{query}")
                judge("/v1/accounts/main/executions", status, page)
                listed = {f["broker_order_id"]: (f["order_id"], f["attached"]) for f in page["data"]}
                assert {n: listed.get(n) for n in whose} == whose
            pair.kill()
            pair.start()

    def test_they_are_replaced_and_withdrawn_by_an_amendment(self, pair):
        _, _, placed = place(pair.bridge, attached={"stop_loss": {"trigger_price": "250", "limit_price": "249"}})
        until(pair.bridge, placed["id"], lambda o: len(o["attached_orders"]) == 1)

        def amend(**change):
            status, _, body = pair.bridge.request(
                "PATCH", f"{ORDERS}/{placed['id']}", headers={"Content-Type": "application/json"}, body=json.dumps(change))
            assert status == 200, body

        amend(attached={"stop_loss": {"trigger_price": "240"}, "take_profit": {"trigger_price": "500"}})
        live = until(pair.bridge, placed["id"], lambda o: {
            (a["purpose"], float(a["trigger_price"])) for a in o["attached_orders"] if a["status"] == "open"
        } == {("stop_loss", 240.0), ("take_profit", 500.0)})
        assert live["status"] == "open"
        amend(attached=None)
        until(pair.bridge, placed["id"], lambda o: all(a["status"] == "cancelled" for a in o["attached_orders"]))

    def test_what_does_not_fit_is_refused_before_it_is_sent(self, pair):
        for extra, status, code, field in [
            ({"attached": {"take_profit": {"trigger_price": "500.13"}}}, 422, "invalid_price",
             "/attached/take_profit/trigger_price"),
            ({"attached": {"take_profit": {}}}, 400, "missing_field", "/attached/take_profit/trigger_price"),
            ({"trigger_count": 2}, 422, "invalid_condition", "/trigger_count"),
            ({"delayed_until": "2020-01-01T00:00:00Z"}, 422, "invalid_request", "/delayed_until"),
            ({"legs": []}, 501, "not_supported_by_broker", "/legs"),
        ]:
            got, _, problem = place(pair.bridge, **extra)
            assert (got, problem["code"], problem["field"]) == (status, code, field)
        assert pair.broker_orders() == []


class TestConditions:
    def test_every_condition_reaches_the_broker_and_comes_back(self, pair):
        pair.control("trading", paused=True)
        _, _, placed = place(pair.bridge, {
            "symbol": "AAPL.US", "side": "sell", "type": "trailing_stop_limit_percent", "quantity": "10",
            "trailing_percent": "5", "limit_depth_level": -2, "trigger_count": 3, "monitor_price": "999",
            "outside_regular_hours": "extended"})
        there = next(o for o in pair.broker_orders() if o["order_id"] == placed["broker_order_id"])
        assert (there["limit_depth_level"], there["trigger_count"], there["outside_rth"]) == (-2, 3, "ANY_TIME")
        assert float(there["monitor_price"]) == 999
        here = order(pair.bridge, placed["id"])
        assert (here["limit_depth_level"], here["trigger_count"], here["limit_offset"]) == (-2, 3, None)

    def test_a_delayed_order_is_parked_and_let_go(self, pair):
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        _, _, placed = place(pair.bridge, delayed_until=later)
        parked = until(pair.bridge, placed["id"], lambda o: o["broker_status"] == "DelayedNotReported")
        assert parked["delayed_until"].startswith(later[:19])
        status, _, body = pair.bridge.request(
            "PATCH", f"{ORDERS}/{placed['id']}", headers={"Content-Type": "application/json"},
            body='{"delayed_until": null}')
        assert status == 200, body
        until(pair.bridge, placed["id"], lambda o: o["broker_status"] == "NewStatus")


def test_an_order_the_broker_has_no_more_comes_to_an_end(pair):
    _, _, placed = place(pair.bridge)
    pair.control("order", do="forget", order_id=placed["broker_order_id"])
    # A new link asks for the list.
    pair.control("kick")
    until(pair.bridge, placed["id"], lambda o: o["status"] == "expired" and o["reject"]["code"] == "gone", seconds=40)
