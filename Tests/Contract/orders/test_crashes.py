"""The bridge is killed between the steps of an order, and pushes get lost, doubled and mixed: nothing is sent twice,
lost, or reported wrongly."""

import http.client
import json
import threading
import time

import pytest

from test_orders import BUY, ORDERS, order, place, until


def submit_and_die(pair, point, key):
    """Starts a bridge that ends itself at a point of the submit, and lets it."""
    pair.kill()
    bridge = pair.start({"BROKERBRIDGE_KILL_AT": point})
    with pytest.raises((http.client.HTTPException, OSError)):
        place(bridge, key=key)
    assert bridge.process.wait(10) == -9
    return pair.start()


@pytest.mark.parametrize("point, is_sent", [
    ("submit.claimed", False), ("submit.intended", False), ("submit.answered", True), ("submit.recorded", True),
])
def test_a_kill_between_the_steps_of_a_submit_never_sends_twice_and_never_loses(pair, point, is_sent):
    pair.control("trading", paused=True)
    bridge = submit_and_die(pair, point, "crash")
    sent = pair.broker_orders()
    assert len(sent) == (1 if is_sent else 0)
    status, headers, answer = place(bridge, key="crash")
    assert status in (201, 202) and headers["Idempotency-Replayed"] == "true"
    final = until(bridge, answer["id"], lambda o: o["status"] in ("open", "rejected"), seconds=40)
    if is_sent:
        assert final["status"] == "open" and final["broker_order_id"] == sent[0]["order_id"]
    else:
        assert final["status"] == "rejected" and final["reject"]["code"] == "not_received"
    assert len(pair.broker_orders()) == len(sent)
    listed = bridge.get(f"{ORDERS}?status=all&start=2026-01-01T00:00:00Z")[2]["data"]
    assert [o["id"] for o in listed if o["id"] == answer["id"]] == [answer["id"]]


def test_a_kill_while_the_broker_is_at_work_ends_in_one_known_order(pair):
    pair.control("trading", paused=True)
    pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=60000)
    waiting = threading.Thread(target=lambda: _ignore(lambda: place(pair.bridge, key="slow")))
    waiting.start()
    _until(lambda: pair.broker_orders())
    pair.kill()
    waiting.join()
    bridge = pair.start()
    status, headers, answer = place(bridge, key="slow")
    assert status in (201, 202) and headers["Idempotency-Replayed"] == "true"
    found = until(bridge, answer["id"], lambda o: o["status"] == "open")
    assert [found["broker_order_id"]] == [o["order_id"] for o in pair.broker_orders()]


def test_a_stream_goes_on_over_a_restart_without_loss_or_repetition(pair):
    stream = pair.bridge.stream("topics=orders:main")
    placed = place(pair.bridge, key="before")[2]
    seen, last = [], None
    for event in stream.events(10):
        if event.name == "order":
            seen.append((event.data["id"], event.data["version"]))
            last = event.id
            if event.data["status"] == "open" and event.data["broker_status"]:
                break
    stream.close()
    pair.control("order", do="cancel", order_id=placed["broker_order_id"])
    until(pair.bridge, placed["id"], lambda o: o["status"] == "cancelled")
    pair.kill()
    bridge = pair.start()
    second = place(bridge, key="after")[2]
    stream = bridge.stream("topics=orders:main", headers={"Last-Event-ID": last})
    hello, rest = None, []
    for event in stream.events(10):
        if event.name == "hello":
            hello = event.data
        if event.name == "order":
            rest.append((event.data["id"], event.data["version"]))
            if event.data["id"] == second["id"] and event.data["broker_status"]:
                break
    stream.close()
    assert hello["lossless"] is True
    assert not set(seen) & set(rest) and len(rest) == len(set(rest))
    first = [version for identifier, version in seen + rest if identifier == placed["id"]]
    assert first == list(range(1, len(first) + 1))
    assert order(bridge, placed["id"])["version"] == first[-1]


def test_a_thousand_orders_under_lost_doubled_and_shuffled_pushes_end_as_the_broker_has_them(pair):
    pair.control("trading", lost_percent=30, doubled_percent=30, shuffled_percent=40)
    pair.control("pace", interval_ms=20, percent=100, trades=3)
    placed, lock = {}, threading.Lock()

    def work(number):
        connection = pair.bridge.connection(60)
        for index in range(number, 1000, 8):
            side = "buy" if index % 3 else "sell"
            body = {**BUY, "symbol": "5.HK", "side": side, "quantity": "400", "type": ("market", "limit")[index % 2]}
            body["limit_price"] = "60" if side == "buy" else "90"
            if body["type"] == "market":
                del body["limit_price"]
            headers = pair.bridge.headers({"Idempotency-Key": f"m{index}", "Content-Type": "application/json"})
            connection.request("POST", ORDERS, body=json.dumps(body), headers=headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            assert response.status == 201, answer
            with lock:
                placed[answer["id"]] = answer["broker_order_id"]
            if index % 5 == 0:
                connection.request("DELETE", f"{ORDERS}/{answer['id']}", headers=pair.bridge.headers())
                response = connection.getresponse()
                response.read()
                assert response.status in (200, 202, 409), response.status

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(placed) == len(set(placed.values())) == 1000
    words = {
        "WaitToNew": "open", "WaitToCancel": "pending_cancel", "PendingCancelStatus": "pending_cancel", "NewStatus": "open", "PartialFilledStatus": "partially_filled", "FilledStatus": "filled",
        "CanceledStatus": "cancelled", "PartialWithdrawal": "cancelled", "RejectedStatus": "rejected",
    }
    pair.control("trading", paused=True)
    end, pause = time.monotonic() + 90, threading.Event()
    while time.monotonic() < end:
        at_broker = {o["order_id"]: (words[o["status"]], o["executed_quantity"]) for o in pair.broker_orders()}
        here, cursor = {}, ""
        while cursor is not None:
            page = pair.bridge.get(f"{ORDERS}?status=all&limit=500" + (f"&cursor={cursor}" if cursor else ""))[2]
            for listed in page["data"]:
                here[listed["broker_order_id"]] = (listed["status"], listed["filled_quantity"])
            cursor = page["next_cursor"]
        wrong = {number: (here.get(number), at_broker[number]) for number in placed.values() if here.get(number) != at_broker[number]}
        if not wrong:
            break
        pause.wait(0.5)
    assert not wrong, (len(wrong), list(wrong.items())[:5])
    assert len([o for o in pair.broker_orders()]) == 1000
    fills = {}
    cursor = ""
    while cursor is not None:
        page = pair.bridge.get("/v1/accounts/main/executions?limit=500" + (f"&cursor={cursor}" if cursor else ""))[2]
        for fill in page["data"]:
            assert fill["id"] not in fills
            fills[fill["id"]] = fill
        cursor = page["next_cursor"]
    done = {}
    for fill in fills.values():
        done[fill["broker_order_id"]] = done.get(fill["broker_order_id"], 0) + int(fill["quantity"])
    for number in placed.values():
        assert done.get(number, 0) == int(at_broker[number][1])


def _ignore(action):
    try:
        action()
    except (http.client.HTTPException, OSError):
        pass


def _until(wanted, seconds=10):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        if wanted():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")
