"""What may go wrong about an order between its caller, the bridge and the broker; docs/faults.md names each case."""

import json
import sqlite3
import threading
import time

import pytest

from conftest import paired
from test_orders import BUY, ORDERS, place, until

JSON = {"Content-Type": "application/json"}


def test_a_caller_who_leaves_takes_no_order_along(pair):
    pair.control("trading", paused=True)
    pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=1500)
    connection = pair.bridge.connection()
    headers = pair.bridge.headers({**JSON, "Idempotency-Key": "left"})
    connection.request("POST", ORDERS, body=json.dumps(BUY), headers=headers)
    _until(lambda: pair.broker_orders())
    connection.close()
    answer = _answered(lambda: place(pair.bridge, key="left"))
    assert answer[0] == 201 and answer[1]["Idempotency-Replayed"] == "true"
    assert [o["order_id"] for o in pair.broker_orders()] == [answer[2]["broker_order_id"]]


def test_a_key_is_bound_to_its_holder_its_route_and_its_body(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    first = place(bridge, key="bound")[2]
    status, _, problem = bridge.request(
        "POST", f"{ORDERS}/cancel-all", headers={**JSON, "Idempotency-Key": "bound"}, body=json.dumps(BUY))
    assert status in (400, 422)
    status, _, problem = bridge.request(
        "PATCH", f"{ORDERS}/{first['id']}", headers={**JSON, "Idempotency-Key": "bound"}, body='{"quantity": 200}')
    assert status == 422 and problem["code"] == "idempotency_mismatch"
    body = {"name": "other", "scopes": ["trade"], "accounts": ["main"]}
    secret = bridge.request("POST", "/v1/keys", headers=JSON, body=json.dumps(body))[2]["key"]
    headers = {**JSON, "Idempotency-Key": "bound", "Authorization": f"Bearer {secret}"}
    status, answered, second = bridge.request("POST", ORDERS, headers=headers, body=json.dumps(BUY))
    assert status == 201 and "Idempotency-Replayed" not in answered and second["id"] != first["id"]
    assert len(pair.broker_orders()) == 2


@pytest.mark.parametrize("code", [403202, 602063])
def test_a_refusal_as_a_repetition_is_looked_up(pair, code):
    """The same signed request was seen before, or a code of the broker's for orders that exists: ours may be there."""
    pair.control("trading", paused=True, lost_percent=100)
    pair.control("trading", call="POST /v1/trade/order", fault="code-after", code=code)
    status, _, answer = place(pair.bridge, key="repeated")
    assert status == 202 and answer["outcome"] == "unknown", answer
    found = until(pair.bridge, answer["id"], lambda o: o["status"] == "open")
    assert [o["order_id"] for o in pair.broker_orders()] == [found["broker_order_id"]]
    # And one that is not there after all is given up, and may be placed anew under another key.
    pair.control("trading", call="POST /v1/trade/order", fault="code", code=code)
    _, _, answer = place(pair.bridge, key="repeated-2")
    found = until(pair.bridge, answer["id"], lambda o: o["status"] == "rejected", seconds=40)
    assert found["reject"]["code"] == "not_received" and len(pair.broker_orders()) == 1


def test_no_key_is_forgotten_to_make_room(pair):
    """As many keys as may be are kept: a new one is refused before anything is sent, and old finished ones go first."""
    bound, now = 200_000, int(time.time() * 1000)
    pair.control("trading", paused=True)
    first = place(pair.bridge, key="kept")[2]

    def change(sql, *values):
        pair.kill()
        database = sqlite3.connect(pair.folder / "state" / "bridge.sqlite")
        with database:
            database.execute(sql, values)
            count = database.execute("SELECT COUNT(*) FROM idempotency").fetchone()[0]
        database.close()
        pair.start()
        return count

    # Answered or not, all of them are younger than their time.
    assert change(
        """
        WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
        INSERT INTO idempotency (holder, key, route, body_hash, status, response, created_ms)
        SELECT 'tests', 'filler-' || n, 'POST /v1/accounts/main/orders', x'00', iif(n % 2, 201, NULL), x'7b7d', ?
        FROM numbers
        """, bound, now - 40 * 3_600_000) == bound
    for _ in range(2):
        status, _, problem = place(pair.bridge, key="one-more")
        assert (status, problem["code"], problem["retryable"]) == (503, "overloaded", True), problem
    assert len(pair.broker_orders()) == 1
    status, headers, again = place(pair.bridge, key="kept")
    assert (status, headers["Idempotency-Replayed"], again["id"]) == (201, "true", first["id"])
    # Two are old now: the one that was answered goes, the one that was not stays, whatever its age.
    assert change(
        "UPDATE idempotency SET created_ms = ? WHERE key IN ('filler-100', 'filler-101')", now - 60 * 3_600_000) == bound
    assert place(pair.bridge, key="one-more")[0] == 201
    status, _, problem = place(pair.bridge, key="two-more")
    assert (status, problem["code"]) == (503, "overloaded")
    pair.kill()
    database = sqlite3.connect(pair.folder / "state" / "bridge.sqlite")
    keys = {row[0] for row in database.execute(
        "SELECT key FROM idempotency WHERE key IN ('kept', 'one-more', 'filler-100', 'filler-101')")}
    database.close()
    assert keys == {"kept", "one-more", "filler-100"}
    pair.start()


@pytest.mark.parametrize("fault, is_carried_out", [
    ("html-after", True), ("half-after", True), ("500", False), ("html-before", False), ("drop-after", True),
    ("drop-before", False),
])
def test_an_answer_that_says_nothing_certain_leaves_the_order_unknown(pair, fault, is_carried_out):
    pair.control("trading", paused=True, lost_percent=100)
    pair.control("trading", call="POST /v1/trade/order", fault=fault)
    status, _, answer = place(pair.bridge, key="uncertain")
    assert status == 202 and answer["outcome"] == "unknown", answer
    found = until(pair.bridge, answer["id"], lambda o: o["status"] in ("open", "rejected"), seconds=40)
    assert len(pair.broker_orders()) == (1 if is_carried_out else 0)
    assert found["status"] == ("open" if is_carried_out else "rejected")
    if not is_carried_out:
        assert found["reject"]["code"] == "not_received"
    assert place(pair.bridge, key="uncertain")[2]["id"] == answer["id"]
    assert len(pair.broker_orders()) == (1 if is_carried_out else 0)


def test_an_answer_after_the_deadline_is_taken_in():
    with paired(trade_calls=100_000) as pair:
        pair.kill()
        text = pair.configuration.read_text().replace("settle_time: 5s", "settle_time: 5s, answer_time: 1s")
        pair.configuration.write_text(text)
        bridge = pair.start()
        pair.control("trading", paused=True, lost_percent=100)
        pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=2500)
        status, _, answer = place(bridge, key="late")
        assert status == 202 and answer["outcome"] == "unknown"
        found = until(bridge, answer["id"], lambda o: o["status"] == "open")
        assert [o["order_id"] for o in pair.broker_orders()] == [found["broker_order_id"]]


@pytest.mark.parametrize("number", ["1e400", "0x10", "１２", "1_000", "NaN", "9" * 400, "-1", "", " 1", "1,0", "+1"])
def test_what_is_no_number_is_refused_by_its_field(pair_of_faults, number):
    for field in ("quantity", "limit_price"):
        status, _, problem = place(pair_of_faults.bridge, **{field: number})
        assert status in (400, 422) and problem["field"] == f"/{field}", (number, problem)
    assert pair_of_faults.broker_orders() == []


def test_a_strategy_that_runs_wild_is_stopped_and_its_cancellations_are_taken(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    body = {"name": "wild", "scopes": ["trade"], "accounts": ["main"], "rates": {"trade": "20/m"}}
    secret = bridge.request("POST", "/v1/keys", headers=JSON, body=json.dumps(body))[2]["key"]
    own = {**JSON, "Authorization": f"Bearer {secret}"}
    assert bridge.request("PUT", "/v1/accounts/main/risk", headers=JSON, body='{"orders_per_minute": 10}')[0] == 200
    seen, placed = [], []
    for number in range(60):
        status, headers, answer = bridge.request(
            "POST", ORDERS, headers={**own, "Idempotency-Key": f"w{number}"}, body=json.dumps(BUY))
        seen.append((status, answer.get("code")))
        if status == 201:
            placed.append(answer["id"])
        if status == 429:
            assert int(headers["Retry-After"]) >= 1
    assert len(placed) == 10 == len(pair.broker_orders())
    assert {(422, "risk_limit"), (429, "rate_limited")} <= set(seen)
    for identifier in placed:
        assert bridge.request("DELETE", f"{ORDERS}/{identifier}", headers=own)[0] in (200, 202)


def test_a_halt_during_a_submit_lets_that_one_end_and_no_other_begin(pair):
    bridge = pair.bridge
    pair.control("trading", paused=True)
    pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=1500)
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(place(bridge, key="under-way")))
    waiting.start()
    _until(lambda: pair.broker_orders())
    assert bridge.request("PUT", "/v1/accounts/main/kill-switch", headers=JSON, body="{}")[0] == 200
    assert place(bridge, key="next")[0] == 423
    waiting.join(30)
    assert answers[0][0] == 201 and len(pair.broker_orders()) == 1


@pytest.fixture(scope="module")
def pair_of_faults():
    with paired(trade_calls=100_000) as started:
        yield started


def _answered(ask, seconds=20):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        answer = ask()
        if answer[0] != 409:
            return answer
        pause.wait(0.05)
    raise AssertionError(answer)


def _until(wanted, seconds=10):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        if wanted():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")
