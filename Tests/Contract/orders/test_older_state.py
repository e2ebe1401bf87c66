"""The state is put back to an older copy: nothing is sent until it agrees with the broker, and nothing is sent twice."""

import json
import shutil
import threading
import time

import pytest

from test_orders import ORDERS, order, place

LIST = "GET /v1/trade/order/today"


class Copies:
    """Ways to keep the state of a pair and to put it back."""

    def __init__(self, pair):
        self.state, self.copy = pair.folder / "state", pair.folder / "copy"

    def keep(self):
        shutil.copytree(self.state, self.copy, ignore=shutil.ignore_patterns("lock"))

    def put_back(self, how):
        if how == "the database alone":
            for path in self.state.glob("bridge.sqlite-*"):
                path.unlink()
            shutil.copyfile(self.copy / "bridge.sqlite", self.state / "bridge.sqlite")
        elif how == "a new folder":
            shutil.rmtree(self.state)
            shutil.copytree(self.copy, self.state)
        elif how == "the same files":
            # As a snapshot of a whole machine: every file is the one it was.
            for path in sorted(self.state.rglob("*")):
                kept = self.copy / path.relative_to(self.state)
                if path.is_file() and path.name != "lock":
                    if kept.exists():
                        path.write_bytes(kept.read_bytes())
                    else:
                        path.unlink()


def until(wanted, seconds=30):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        found = wanted()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError("it did not happen")


def events_of_log(pair, name):
    lines = (pair.folder / "stderr").read_text().splitlines()
    return [entry for entry in map(json.loads, lines) if entry.get("event") == name]


def last_position(bridge):
    stream = bridge.stream("topics=orders:main")
    position = next(iter(stream.events(10))).id
    stream.close()
    return position


def hello(bridge, position):
    stream = bridge.stream("topics=orders:main", headers={"Last-Event-ID": position})
    found = next(event for event in stream.events(10) if event.name == "hello").data
    stream.close()
    return found


def grown_and_put_back(pair, how):
    """One order is in the copy, two more only at the broker. Gives the two, and where a stream stood behind them."""
    pair.control("trading", paused=True)
    assert place(pair.bridge, key="first")[0] == 201
    assert pair.bridge.stop() == 0
    copies = Copies(pair)
    copies.keep()
    bridge = pair.start()
    second = place(bridge, key="second", client_order_id="mine")[2]
    third = place(bridge, key="third", side="sell", limit_price="480")[2]
    assert order(bridge, "client:mine")["id"] == second["id"]
    position = last_position(bridge)
    assert bridge.stop() == 0
    copies.put_back(how)
    return second, third, position


@pytest.mark.parametrize("how", ["the database alone", "a new folder"])
def test_an_older_copy_sends_nothing_until_it_agrees_with_the_broker(pair, how):
    second, third, position = grown_and_put_back(pair, how)
    pair.control("trading", call=LIST, fault="500", times=100_000)
    bridge = pair.start()
    for key in ("second", "fourth"):
        status, headers, problem = place(bridge, key=key)
        assert (status, problem["code"]) == (503, "state_reconciling") and headers["Retry-After"], problem
        assert problem["retryable"] is True
    assert bridge.request("POST", f"{ORDERS}/cancel-all")[2]["code"] == "state_reconciling"
    assert len(pair.broker_orders()) == 3
    assert b"brokerbridge_state_returned 1" in bridge.get("/metrics")[2]
    assert hello(bridge, position)["lossless"] is False
    pair.control("trading", call=LIST, fault="500", times=0)
    placed = until(lambda: (lambda answer: answer if answer[0] == 201 else None)(place(bridge, key="fourth")))
    at_broker = pair.broker_orders()
    assert len(at_broker) == 4 and placed[2]["broker_order_id"] in [o["order_id"] for o in at_broker]
    for change in ({"quantity": "200"}, {"limit_price": "310"}):
        status, _, problem = place(bridge, key="second", client_order_id="mine", **change)
        assert (status, problem["code"], problem["order_id"]) == (422, "idempotency_mismatch", second["id"]), problem
    assert place(bridge, key="second", type="at_auction_limit")[2]["code"] == "idempotency_mismatch"
    status, headers, again = place(bridge, key="second", client_order_id="mine")
    assert status == 201 and headers["Idempotency-Replayed"] == "true"
    assert (again["id"], again["broker_order_id"]) == (second["id"], second["broker_order_id"])
    assert order(bridge, "client:mine")["id"] == second["id"]
    assert order(bridge, third["id"])["broker_order_id"] == third["broker_order_id"]
    assert place(bridge, key="third")[2]["code"] == "idempotency_mismatch"
    assert len(pair.broker_orders()) == 4
    assert b"brokerbridge_state_returned 0" in bridge.get("/metrics")[2]
    actions = [e["action"] for e in bridge.get("/v1/audit?limit=500")[2]["data"] if e["kind"] == "state"]
    assert sorted(actions) == ["order.recovered", "order.recovered", "state.reconciled", "state.returned"]
    # It counts as the newest again.
    now = last_position(bridge)
    assert bridge.stop() == 0
    bridge = pair.start()
    assert hello(bridge, now)["lossless"] is True
    status, headers, again = place(bridge, key="third", side="sell", limit_price="480")
    assert headers["Idempotency-Replayed"] == "true" and again["id"] == third["id"]
    assert len(pair.broker_orders()) == 4 and len(events_of_log(pair, "state.returned")) == 1


def test_what_nothing_on_the_machine_shows_is_recognised_by_the_brokers_orders(pair):
    second, third, position = grown_and_put_back(pair, "the same files")
    pair.control("trading", call=LIST, fault="500", times=100_000)
    bridge = pair.start()
    status, _, problem = place(bridge, key="second")
    assert status in (502, 503), problem
    assert len(pair.broker_orders()) == 3
    pair.control("trading", call=LIST, fault="500", times=0)
    status, headers, again = until(lambda: (lambda answer: answer if answer[0] == 201 else None)(place(bridge, key="second")))
    assert headers["Idempotency-Replayed"] == "true" and again["broker_order_id"] == second["broker_order_id"]
    assert len(pair.broker_orders()) == 3
    until(lambda: events_of_log(pair, "state.reconciled"))
    assert len(events_of_log(pair, "state.returned")) == 1
    assert hello(bridge, position)["lossless"] is False
    assert order(bridge, third["id"])["broker_order_id"] == third["broker_order_id"]


def test_a_restart_and_a_kill_are_no_older_copy(pair):
    assert place(pair.bridge, key="before")[0] == 201
    pair.kill()
    bridge = pair.start()
    assert place(bridge, key="between")[0] == 201
    position = last_position(bridge)
    assert bridge.stop() == 0
    bridge = pair.start()
    assert place(bridge, key="after")[0] == 201
    assert hello(bridge, position)["lossless"] is True
    assert not events_of_log(pair, "state.returned") and len(pair.broker_orders()) == 3


def test_orders_of_another_bridge_stay_somebody_elses(pair):
    """Two bridges at one account: neither takes the other's orders for its own."""
    pair.control("trading", paused=True)
    mine = place(pair.bridge, key="mine")[2]
    assert pair.bridge.stop() == 0
    shutil.rmtree(pair.folder / "state")
    bridge = pair.start()
    status, headers, other = place(bridge, key="mine")
    assert status == 201 and "Idempotency-Replayed" not in headers and other["id"] != mine["id"]
    found = until(lambda: [
        o for o in bridge.get(f"{ORDERS}?status=open")[2]["data"] if o["broker_order_id"] == mine["broker_order_id"]])
    assert found[0]["id"] != mine["id"] and not events_of_log(pair, "state.returned")
