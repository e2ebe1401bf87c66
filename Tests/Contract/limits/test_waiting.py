"""How long calls wait for the broker, and what of it they share."""

import json
import tempfile
import threading
import time

import pytest

from conftest import Pair, paired, running

BALANCES = "/v1/accounts/main/balances"
ASSETS = "GET /v1/asset/account"
BUY = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}
DEPTH = "/v1/depth/700.HK?max_age_ms=0"


def calls(pair, name):
    return pair.broker.sandbox("GET", "counters")["calls"].get(name, 0)


class Asked(threading.Thread):
    def __init__(self, pair, path):
        super().__init__()
        self.pair, self.path, self.answer = pair, path, None
        self.start()

    def run(self):
        self.answer = self.pair.bridge.get(self.path)


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "never came"
        threading.Event().wait(0.02)


def test_equal_reads_of_an_account_are_one_call():
    with paired() as pair:
        before = calls(pair, ASSETS)
        pair.control("trading", call=ASSETS, fault="slow-before", delay_ms=4000)
        first = Asked(pair, BALANCES)
        until(lambda: calls(pair, ASSETS) == before + 1)
        others = [Asked(pair, BALANCES) for _ in range(4)]
        # Another question is another call, and waits for nobody but the one before it.
        other = Asked(pair, BALANCES + "?currency=USD")
        for asked in [first, *others, other]:
            asked.join()
            assert asked.answer[0] == 200, asked.answer
        assert all(asked.answer[2] == first.answer[2] for asked in others)
        assert calls(pair, ASSETS) == before + 2
        # And what is over is asked for again.
        assert pair.bridge.get(BALANCES)[0] == 200
        assert calls(pair, ASSETS) == before + 3


def test_who_placed_an_order_reads_what_is_behind_it():
    with paired() as pair:
        before = calls(pair, ASSETS)
        pair.control("trading", call=ASSETS, fault="slow-before", delay_ms=5000)
        early = Asked(pair, BALANCES)
        until(lambda: calls(pair, ASSETS) == before + 1)
        status, _, placed = pair.bridge.request(
            "POST", "/v1/accounts/main/orders", body=json.dumps(BUY), timeout=60,
            headers={"Idempotency-Key": "one", "Content-Type": "application/json"})
        assert status == 201, placed
        late = Asked(pair, BALANCES)
        late.join()
        early.join()
        assert (early.answer[0], late.answer[0]) == (200, 200)
        assert calls(pair, ASSETS) == before + 2


@pytest.mark.parametrize("path", [BALANCES, "/v1/accounts/main/longbridge/v1/asset/account"])
def test_a_caller_who_leaves_does_not_end_what_the_broker_is_at(path):
    with paired() as pair:
        before = calls(pair, ASSETS)
        pair.control("trading", call=ASSETS, fault="slow-before", delay_ms=6000)
        connection = pair.bridge.connection()
        began = time.monotonic()
        connection.request("GET", path, headers=pair.bridge.headers())
        until(lambda: calls(pair, ASSETS) == before + 1)
        connection.close()
        threading.Event().wait(0.3)
        # The next trading call waits for the answer, as it would if somebody else did.
        assert pair.bridge.get("/v1/accounts/main/positions")[0] == 200
        assert time.monotonic() - began > 1.3


def test_a_caller_says_how_long_it_waits():
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder, running("sandbox") as sandbox:
        pair = Pair(folder, sandbox, quote_calls=1)
        pair.configuration.write_text(pair.configuration.read_text() + "market_data: {max_wait: 50s}\n")
        pair.start()
        try:
            def ask(prefer=None):
                headers = {"Prefer": prefer} if prefer else {}
                headers = {**pair.bridge.headers(), **headers}
                status, fields, body = pair.bridge.get(DEPTH, headers=headers, timeout=60)
                return status, fields.get("Preference-Applied"), body

            # One call in a second: of some at once, most are refused.
            tried = [ask(prefer) for prefer in ["wait=0", "respond-async, wait=\"0\"", "wait=0", "wait=0;x=1, wait=9"]]
            assert all(applied == "wait=0" and status in (200, 429) for status, applied, _ in tried), tried
            assert any(status == 429 for status, _, _ in tried), tried
            for prefer in [None, "wait=60", "wait=soon", "wait=-1", "return=minimal"]:
                status, applied, body = ask(prefer)
                assert (status, applied) == (200, None), (prefer, status, body)
            status, applied, body = ask("wait=49")
            assert (status, applied) == (200, "wait=49"), body
        finally:
            assert pair.bridge.stop() == 0
