"""Orders on an account behind a gateway: the same calls as anywhere, and the same promises when things go wrong."""

import contextlib
import hashlib
import json
import pathlib
import tempfile
import threading
import time

import pytest

from conftest import KEY_OF_TESTS, Pair
from scripted_gateway import CANCELLED, FILLED, PART, REAL, Drop, Gateway, Refusal, Silence

ORDERS = "/v1/accounts/main/orders"
BUY = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "580.5"}
JSON = {"Content-Type": "application/json"}
_numbers = iter(range(1, 1_000_000))


class GatewayPair(Pair):
    """A bridge beside a gateway; it can be killed and started again on the same state."""

    def __init__(self, folder, gateway, *, password="123456", **account):
        self.folder, self.gateway, self.bridge = pathlib.Path(folder), gateway, None
        settings = {"host": "127.0.0.1", "port": gateway.port, **account}
        if password:
            settings["trade_password"] = f'"{password}"'
        lines = [
            "keys:", "  - name: tests", f"    hash: sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
            "    scopes: [market:read, account:read, trade, raw, audit:read, ops:read, admin]", "    accounts: all",
            "accounts:", "  - alias: main", "    broker: futu", "    environment: sandbox", "    opend:",
            *[f"      {name}: {value}" for name, value in settings.items()], "orders: {settle_time: 5s}",
        ]
        self.configuration = self.folder / "bridge.yaml"
        self.configuration.write_text("\n".join(lines) + "\n")
        self.configuration.chmod(0o600)


@contextlib.contextmanager
def paired(**account):
    gateway = Gateway()
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder:
        pair = GatewayPair(folder, gateway, **account)
        try:
            pair.start()
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (pair.folder / "stderr").read_text()[-4000:]
            gateway.close()


@pytest.fixture
def pair():
    with paired() as started:
        yield started


def place(pair, key=None, timeout=40, **changes):
    body = {name: value for name, value in {**BUY, **changes}.items() if value is not None}
    headers = {"Idempotency-Key": key or f"k{next(_numbers)}", **JSON}
    return pair.bridge.request("POST", ORDERS, headers=headers, body=json.dumps(body), timeout=timeout)


def until(pair, identifier, wanted, seconds=40):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        status, _, found = pair.bridge.get(f"{ORDERS}/{identifier}?detail=false")
        assert status == 200, found
        if wanted(found):
            return found
        pause.wait(0.05)
    raise AssertionError(found)


def ignoring(call, *arguments):
    """For a call whose bridge dies."""
    with contextlib.suppress(Exception):
        call(*arguments)


class TestOneOrder:
    def test_a_resting_order_is_placed_amended_and_cancelled(self, pair):
        status, headers, placed = place(pair, note="first", client_order_id="mine-1")
        assert status == 201 and placed["status"] == "open" and placed["outcome"] == "accepted", placed
        assert placed["broker"] == "futu" and headers["ETag"] == f"\"{placed['version']}\""
        sent, = pair.gateway.sent(2202)
        assert (sent.header.accID, sent.header.trdEnv, sent.header.trdMarket) == (REAL, 1, 1)
        assert (sent.code, sent.secMarket, sent.qty, sent.price) == ("00700", 1, 100, 580.5)
        assert sent.remark.startswith("bb-") and sent.remark.endswith(" first")
        assert pair.gateway.orders[0].orderIDEx == placed["broker_order_id"]
        status, _, body = pair.bridge.request(
            "PATCH", f"{ORDERS}/{placed['id']}", headers=JSON, body='{"quantity": 200, "limit_price": "581"}')
        assert status == 200, body
        amended = until(pair, placed["id"], lambda o: o["status"] == "open" and o["quantity"] == "200")
        assert amended["limit_price"] == "581" and amended["version"] > placed["version"]
        change, = pair.gateway.sent(2205)
        assert (change.modifyOrderOp, change.orderID, change.qty, change.price) == (1, 0, 200, 581)
        status, _, cancelled = pair.bridge.request("DELETE", f"{ORDERS}/client:mine-1")
        assert status in (200, 202), cancelled
        final = until(pair, placed["id"], lambda o: o["status"] == "cancelled")
        assert final["remaining_quantity"] == "0" and final["broker_status"] == "Cancelled_All"
        status, _, refused = pair.bridge.request("PATCH", f"{ORDERS}/{placed['id']}", headers=JSON, body='{"quantity": 3}')
        assert status == 409 and refused["code"] == "order_not_amendable"

    def test_fills_are_told_once_and_added_up(self, pair):
        stream = pair.bridge.stream("topics=orders:main,executions:main")
        events = stream.events(40)
        assert next(events).name == "hello"
        _, _, placed = place(pair)
        number = placed["broker_order_id"]
        pair.gateway.change(number, PART, filled=40)
        pair.gateway.change(number, FILLED, filled=100)
        versions, fills = [], []
        for event in events:
            if event.name == "order" and event.data["id"] == placed["id"]:
                versions.append(event.data["version"])
            if event.name == "execution":
                fills.append(event.data)
            if len(fills) == 2:
                break
        stream.close()
        assert versions == sorted(set(versions))
        assert [fill["quantity"] for fill in fills] == ["40", "60"]
        assert {fill["order_id"] for fill in fills} == {placed["id"]} and fills[0]["price"] == "580.5"
        until(pair, placed["id"], lambda o: o["status"] == "filled")
        _, _, listed = pair.bridge.get(f"/v1/accounts/main/executions?order_id={placed['id']}")
        assert sorted(fill["id"] for fill in listed["data"]) == sorted(fill["id"] for fill in fills)
        _, _, whole = pair.bridge.get(f"{ORDERS}/{placed['id']}", timeout=40)
        assert whole["charges"]["total"] == "15.5" and whole["charges"]["items"][0]["name"] == "Platform Fee"

    def test_all_open_orders_are_cancelled(self, pair):
        placed = [place(pair)[2]["id"] for _ in range(3)]
        status, _, body = pair.bridge.request("POST", f"{ORDERS}/cancel-all", timeout=40)
        assert status == 200 and sorted(row["id"] for row in body["data"]) == sorted(placed)
        for identifier in placed:
            until(pair, identifier, lambda o: o["status"] == "cancelled")

    def test_an_order_of_somebody_else_is_seen(self, pair):
        place(pair)
        with pair.gateway.lock:
            foreign = type(pair.gateway.orders[0])()
            foreign.CopyFrom(pair.gateway.orders[0])
            foreign.orderIDEx, foreign.remark = "BYHAND", ""
            pair.gateway.orders.append(foreign)
        pair.gateway.tell(foreign)
        end = time.monotonic() + 20
        while True:
            status, _, found = pair.bridge.get(f"{ORDERS}/broker:BYHAND?detail=false")
            if status == 200 or time.monotonic() > end:
                break
        assert status == 200 and found["client_order_id"] is None and found["status"] == "open"


class TestRefusals:
    @pytest.mark.parametrize("changes, field", [
        ({"type": "odd_lot"}, "/type"),
        ({"symbol": "D05.SG"}, "/symbol"),
        ({"quantity": "100.5"}, "/quantity"),
        ({"limit_price": "580.5001"}, "/limit_price"),
        ({"outside_regular_hours": "extended"}, "/outside_regular_hours"),
        ({"note": "n" * 41}, "/note"),
        ({"attached": {"stop_loss": {"trigger_price": "500"}}}, "/attached"),
        ({"delayed_until": "2099-01-01T00:00:00Z"}, "/delayed_until"),
    ])
    def test_what_the_broker_cannot_do_names_its_field(self, pair, changes, field):
        status, _, problem = place(pair, **changes)
        assert (status, problem.get("field")) == (422, field), problem
        assert pair.gateway.sent(2202) == []

    def test_a_refused_order_has_the_brokers_words_and_its_key_answers_again(self, pair):
        def refuse(_):
            raise Refusal("Insufficient buying power", 2)

        pair.gateway.before_place = refuse
        for replayed in (None, "true"):
            status, headers, problem = place(pair, key="poor")
            assert status == 422 and problem["code"] == "order_rejected", problem
            assert problem["upstream"] == {
                "broker": "futu", "code": "-1/2", "message": "Insufficient buying power", "trace_id": None}
            assert "margin account" in problem["detail"] and headers.get("Idempotency-Replayed") == replayed
        assert len(pair.gateway.sent(2202)) == 1

    def test_orders_too_fast_are_kept_back_and_cancellations_go(self, pair):
        identifiers = [place(pair)[2]["id"] for _ in range(15)]
        status, headers, problem = place(pair, key="one-more")
        assert status == 429 and problem["code"] == "upstream_rate_limited", problem
        assert int(headers["Retry-After"]) >= 1 and len(pair.gateway.sent(2202)) == 15
        status, _, _ = pair.bridge.request("DELETE", f"{ORDERS}/{identifiers[0]}")
        assert status in (200, 202)


class TestTheLock:
    def test_trading_is_unlocked_by_the_hash_and_the_password_is_nowhere(self, pair):
        unlock, = pair.gateway.sent(2005)
        assert unlock.unlock and unlock.pwdMD5 == "e10adc3949ba59abbe56e057f20f883e" and unlock.securityFirm == 1
        text = pair.bridge.output() + pair.bridge.errors()
        assert "123456" not in text and unlock.pwdMD5 not in text
        pair.gateway.drop()
        end = time.monotonic() + 20
        while len(pair.gateway.sent(2005)) < 2 and time.monotonic() < end:
            time.sleep(0.05)
        assert len(pair.gateway.sent(2005)) == 2
        pair.until_ready()
        assert place(pair)[0] == 201

    def test_a_wrong_password_is_told_and_not_tried_again(self):
        with paired(password="654321") as pair:
            _, _, auth = pair.bridge.get("/v1/accounts/main/auth")
            assert auth["state"] == "locked" and "wrong trade password" in auth["last_error"], auth
            status, _, problem = place(pair, key="locked")
            assert status == 423 and problem["code"] == "trade_locked" and problem["retryable"], problem
            pair.gateway.drop()
            time.sleep(0.2)
            pair.until_ready()
            assert len(pair.gateway.sent(2005)) == 1
            status, _, problem = pair.bridge.request("POST", "/v1/accounts/main/auth/unlock")
            assert status == 423 and problem["upstream"]["message"] == "wrong trade password"
            pair.gateway.password = hashlib.md5(b"654321").hexdigest()
            status, _, auth = pair.bridge.request("POST", "/v1/accounts/main/auth/unlock")
            assert status == 200 and auth["state"] == "ready", auth
            # The key of an order that was never taken may be used again.
            assert place(pair, key="locked")[0] == 201

    def test_a_wrong_password_is_not_tried_again_by_the_next_run(self):
        with paired(password="654321") as pair:
            for _ in range(2):
                assert pair.bridge.stop() == 0
                pair.start()
                _, _, auth = pair.bridge.get("/v1/accounts/main/auth")
                assert auth["state"] == "locked" and "wrong trade password" in auth["last_error"], auth
            assert len(pair.gateway.sent(2005)) == 1
            # Another password is another matter.
            assert pair.bridge.stop() == 0
            pair.configuration.write_text(pair.configuration.read_text().replace("654321", "123456"))
            pair.start()
            assert len(pair.gateway.sent(2005)) == 2 and place(pair)[0] == 201

    def test_without_a_password_it_is_unlocked_by_hand(self):
        with paired(password=None) as pair:
            assert pair.gateway.sent(2005) == []
            assert place(pair)[0] == 423
            assert pair.bridge.get("/v1/accounts/main/auth")[2]["state"] == "locked"
            pair.gateway.unlocked = True
            assert place(pair)[0] == 201
            assert pair.bridge.get("/v1/accounts/main/auth")[2]["state"] == "ready"


class TestLostAnswers:
    def test_an_order_whose_answer_is_lost_is_found_by_its_tag_and_sent_once(self, pair):
        def drop(_):
            pair.gateway.after_place = None
            raise Drop

        pair.gateway.after_place = drop
        status, _, placed = place(pair)
        assert status == 202 and placed["outcome"] == "unknown" and placed["status"] == "unknown", placed
        found = until(pair, placed["id"], lambda o: o["status"] == "open")
        assert found["broker_order_id"] == pair.gateway.orders[0].orderIDEx and found["outcome"] == "accepted"
        assert len(pair.gateway.sent(2202)) == 1

    def test_an_order_that_never_arrived_is_settled_as_not_received(self, pair):
        def drop(_):
            pair.gateway.before_place = None
            raise Drop

        pair.gateway.before_place = drop
        status, _, placed = place(pair, key="lost")
        assert status == 202, placed
        settled = until(pair, placed["id"], lambda o: o["status"] == "rejected")
        assert settled["reject"]["code"] == "not_received"
        status, headers, again = place(pair, key="lost")
        assert headers["Idempotency-Replayed"] == "true" and again["id"] == placed["id"]
        assert len(pair.gateway.sent(2202)) == 1

    def test_a_gateway_that_says_nothing_leaves_it_unknown_and_the_push_settles_it(self, pair):
        held = []

        def silence(order):
            held.append(order)
            raise Silence

        pair.gateway.after_place = silence
        pair.gateway.listing = False
        answers = []
        thread = threading.Thread(target=lambda: answers.append(place(pair)))
        thread.start()
        end = time.monotonic() + 20
        while not held and time.monotonic() < end:
            time.sleep(0.02)
        pair.gateway.tell(held[0])
        thread.join()
        status, _, placed = answers[0]
        assert status in (201, 202), placed
        found = until(pair, placed["id"], lambda o: o["status"] == "open")
        assert found["broker_order_id"] == held[0].orderIDEx
        assert len(pair.gateway.sent(2202)) == 1

    def test_an_order_survives_the_bridges_death(self, pair):
        reached = threading.Event()

        def silence(_):
            reached.set()
            raise Silence

        pair.gateway.after_place = silence
        thread = threading.Thread(target=ignoring, args=(place, pair))
        thread.start()
        assert reached.wait(20)
        pair.kill()
        thread.join()
        pair.gateway.after_place = None
        pair.start()
        end = time.monotonic() + 40
        while time.monotonic() < end:
            _, _, listed = pair.bridge.get(f"{ORDERS}?status=open")
            if listed["data"] and listed["data"][0]["status"] == "open":
                break
            time.sleep(0.1)
        assert [order["broker_order_id"] for order in listed["data"]] == [pair.gateway.orders[0].orderIDEx]
        assert len(pair.gateway.sent(2202)) == 1

    def test_a_cancellation_without_an_answer_is_seen_by_its_effect(self, pair):
        _, _, placed = place(pair)
        pair.gateway.pushes = lambda message: []
        original = pair.gateway.answer

        def answer(protocol, request, reply, client):
            original(protocol, request, reply, client)
            if protocol == 2205:
                pair.gateway.answer = original
                pair.gateway.change(placed["broker_order_id"], CANCELLED)
                raise Drop

        pair.gateway.answer = answer
        status, _, cancelled = pair.bridge.request("DELETE", f"{ORDERS}/{placed['id']}")
        assert status in (200, 202), cancelled
        until(pair, placed["id"], lambda o: o["status"] == "cancelled")


class TestPushes:
    def test_doubled_pushes_are_told_once(self, pair):
        pair.gateway.pushes = lambda message: [message] * 3
        _, _, placed = place(pair)
        pair.gateway.change(placed["broker_order_id"], FILLED, filled=100)
        done = until(pair, placed["id"], lambda o: o["status"] == "filled")
        assert done["filled_quantity"] == "100"
        end = time.monotonic() + 20
        while time.monotonic() < end:
            _, _, listed = pair.bridge.get("/v1/accounts/main/executions")
            if listed["data"]:
                break
            time.sleep(0.05)
        assert len(listed["data"]) == 1

    def test_late_pushes_move_nothing_back(self, pair):
        _, _, placed = place(pair)
        with pair.gateway.lock:
            early = type(pair.gateway.orders[0])()
            early.CopyFrom(pair.gateway.orders[0])
        pair.gateway.change(placed["broker_order_id"], FILLED, filled=100)
        until(pair, placed["id"], lambda o: o["status"] == "filled")
        pair.gateway.tell(early)
        _, _, marker = place(pair)
        assert marker["status"] == "open"
        _, _, found = pair.bridge.get(f"{ORDERS}/{placed['id']}?detail=false")
        assert found["status"] == "filled" and found["filled_quantity"] == "100"

    def test_lost_pushes_are_made_good_by_asking(self, pair):
        pair.gateway.pushes = lambda message: []
        _, _, placed = place(pair)
        pair.gateway.change(placed["broker_order_id"], FILLED, filled=100)
        # A reconnection asks for what was missed.
        pair.gateway.drop()
        until(pair, placed["id"], lambda o: o["status"] == "filled")
        end = time.monotonic() + 20
        while time.monotonic() < end:
            _, _, listed = pair.bridge.get(f"/v1/accounts/main/executions?order_id={placed['id']}")
            if listed["data"]:
                break
            time.sleep(0.05)
        assert [fill["quantity"] for fill in listed["data"]] == ["100"]

    def test_a_push_before_the_answer_is_no_second_order(self, pair):
        pair.gateway.after_place = pair.gateway.tell
        status, _, placed = place(pair)
        assert status == 201 and placed["status"] == "open"
        _, _, listed = pair.bridge.get(f"{ORDERS}?status=all", timeout=40)
        assert [order["id"] for order in listed["data"]] == [placed["id"]]


class TestHoldings:
    def test_money_and_shares_are_decimals(self, pair):
        _, _, balances = pair.bridge.get("/v1/accounts/main/balances")
        balance, = balances["data"]
        assert balance["currency"] == "HKD" and balance["buying_power"] == "100000.3"
        assert pair.gateway.sent(2101)[-1].currency == 1 and pair.gateway.sent(2101)[-1].refreshCache
        _, _, dollars = pair.bridge.get("/v1/accounts/main/balances?currency=USD")
        assert dollars["data"][0]["currency"] == "USD"
        status, _, problem = pair.bridge.get("/v1/accounts/main/balances?currency=EUR")
        assert status == 422 and problem["field"] == "currency"
        _, _, positions = pair.bridge.get("/v1/accounts/main/positions")
        held, = positions["data"]
        assert (held["symbol"], held["quantity"], held["cost_price"]) == ("700.HK", "200", "605.4375")
        status, _, estimate = pair.bridge.request(
            "POST", f"{ORDERS}/estimate", headers=JSON,
            body=json.dumps({"symbol": "700.HK", "side": "buy", "type": "limit", "limit_price": "580"}))
        assert status == 200 and estimate["max_quantity_cash"] == "100" and estimate["max_quantity_margin"] == "300"


class TestAccounts:
    def test_several_accounts_that_fit_are_an_error_with_the_choices(self):
        gateway = Gateway()
        with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder:
            pair = GatewayPair(folder, gateway, password=None, paper="true")
            pair.until_ready = lambda: None
            pair.start()
            try:
                end = time.monotonic() + 20
                while time.monotonic() < end:
                    links = {link["link"]: link for link in pair.bridge.get("/v1/accounts/main/session")[2]["links"]}
                    if links["trade"]["state"] == "held":
                        break
                    time.sleep(0.05)
                reason = links["trade"]["reason"]
                assert "2 accounts" in reason and "…0310" in reason and "…0311" in reason and "3450310" not in reason
                status, _, problem = place(pair)
                assert status == 424 and problem["code"] == "session_not_ready", problem
            finally:
                assert pair.bridge.stop() == 0
                gateway.close()

    def test_a_simulated_account_is_chosen_by_its_market_and_has_no_fills(self):
        with paired(password=None, paper="true", market="HK") as pair:
            assert pair.gateway.sent(2005) == []
            assert [list(request.accIDList) for request in pair.gateway.sent(2008)] == [[3450310]]
            _, _, account = pair.bridge.get("/v1/accounts/main")
            assert "orders" in account["capabilities"] and "executions" not in account["capabilities"]
            status, _, placed = place(pair)
            assert status == 201 and pair.gateway.sent(2202)[0].header.trdEnv == 0
            status, _, fills = pair.bridge.get("/v1/accounts/main/executions")
            assert status == 200 and fills["incomplete"]["code"] == "not_supported_by_broker"
