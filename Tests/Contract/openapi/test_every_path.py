"""Every operation of the contract is asked for at a bridge of a Longbridge account, and its answer judged by the contract.

An operation that is in `openapi.yaml` and in none of the tables here fails the test: it wants a line.
"""

import contextlib
import datetime
import json
import pathlib
import sys
import tempfile
import time

import pytest

from conftest import paired, running
from judged import contract, judge, template_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "authorization"))

from logins import LoginPair, agree, fetch  # noqa: E402

METHODS = ("get", "post", "put", "patch", "delete")
ACCOUNT = "/v1/accounts/main"
OTHER_BROKER = "a broker's own that Longbridge has not"

# Answered 501 for a Longbridge account, with a problem of the contract's.
NOT_OFFERED = {
    "GET /v1/sectors": "/v1/sectors?market=HK&account=main",
    "GET /v1/sectors/{id}/securities": "/v1/sectors/HK.LIST1/securities?account=main",
    "GET /v1/instruments/{symbol}/sectors": "/v1/instruments/700.HK/sectors?account=main",
    "GET /v1/instruments/{symbol}/adjustments": "/v1/instruments/700.HK/adjustments?account=main",
    "GET /v1/ipos": "/v1/ipos?market=HK&account=main",
    "GET /v1/futures": "/v1/futures?symbols=HSImain.HK&account=main",
    "POST /v1/accounts/{account}/auth/unlock": f"{ACCOUNT}/auth/unlock",
    "POST /v1/accounts/{account}/opend/{name}": f"{ACCOUNT}/opend/GetGlobalState",
}

# Judged where their behaviour is tested; this account's broker has no part in them.
ELSEWHERE = {
    "GET /v1/stream": "stream/test_stream.py: events, not one body",
    "GET /": "the dashboard: a page",
    "POST /v1/screener": OTHER_BROKER,
    "POST /v1/stream-tickets": "stream", "PATCH /v1/streams/{stream_id}": "stream",
    "GET /v1/limits": "limits/test_inbound.py",
    "GET /v1/accounts/{account}/risk": "gate", "PUT /v1/accounts/{account}/risk": "gate",
    "GET /v1/accounts/{account}/kill-switch": "gate", "PUT /v1/accounts/{account}/kill-switch": "gate",
    "DELETE /v1/accounts/{account}/kill-switch": "gate", "GET /v1/kill-switch": "gate",
    "PUT /v1/kill-switch": "gate", "DELETE /v1/kill-switch": "gate",
}

DAY = datetime.timedelta(days=1)
TODAY = datetime.date.today()

# Reads that need nothing but to be asked: what a template is asked for.
READS = {
    "/healthz": None, "/readyz": None, "/metrics": None, "/openapi.yaml": None, "/openapi.json": None, "/docs": None,
    "/docs/page.js": None, "/docs/page.css": None, "/docs/errors": None, "/v1/version": None, "/v1/keys": None,
    "/v1/keys/self": None, "/v1/audit": "/v1/audit?limit=5", "/v1/audit/verify": None, "/v1/accounts": None,
    "/v1/accounts/{account}": ACCOUNT, "/v1/accounts/{account}/session": f"{ACCOUNT}/session",
    "/v1/accounts/{account}/auth": f"{ACCOUNT}/auth", "/v1/accounts/{account}/orders": f"{ACCOUNT}/orders?status=all",
    "/v1/accounts/{account}/executions": f"{ACCOUNT}/executions",
    "/v1/accounts/{account}/events": f"{ACCOUNT}/events?after=0&limit=10",
    "/v1/accounts/{account}/balances": f"{ACCOUNT}/balances",
    "/v1/accounts/{account}/positions": f"{ACCOUNT}/positions",
    "/v1/accounts/{account}/fund-positions": f"{ACCOUNT}/fund-positions",
    "/v1/accounts/{account}/cash-flow": f"{ACCOUNT}/cash-flow",
    "/v1/accounts/{account}/margin-ratios": f"{ACCOUNT}/margin-ratios?symbol=700.HK",
    "/v1/accounts/{account}/longbridge/{path}": f"{ACCOUNT}/longbridge/v1/asset/exchange_rates",
    "/v1/accounts/{account}/watchlists": f"{ACCOUNT}/watchlists",
    "/v1/quotes": "/v1/quotes?symbols=700.HK,AAPL.US", "/v1/instruments": "/v1/instruments?symbols=700.HK,AAPL.US",
    "/v1/depth/{symbol}": "/v1/depth/700.HK", "/v1/trades/{symbol}": "/v1/trades/700.HK?limit=20",
    "/v1/candles/{symbol}": "/v1/candles/700.HK?interval=1d&limit=20",
    "/v1/candles/{symbol}/history": f"/v1/candles/700.HK/history?interval=1d&start={TODAY - 30 * DAY}&end={TODAY}",
    "/v1/broker-queue/{symbol}": "/v1/broker-queue/700.HK", "/v1/participants": None,
    "/v1/indicators": "/v1/indicators?symbols=700.HK", "/v1/capital-flow/{symbol}": "/v1/capital-flow/700.HK",
    "/v1/capital-distribution/{symbol}": "/v1/capital-distribution/700.HK", "/v1/markets": None,
    "/v1/markets/{market}/sessions": "/v1/markets/HK/sessions",
    "/v1/markets/{market}/calendar": f"/v1/markets/HK/calendar?start={TODAY}&end={TODAY + 14 * DAY}",
    "/v1/intraday/{symbol}": "/v1/intraday/700.HK",
    "/v1/options/{symbol}/expirations": "/v1/options/AAPL.US/expirations",
    "/v1/warrants/{symbol}": "/v1/warrants/700.HK?limit=5", "/v1/warrant-issuers": None,
    "/v1/securities": "/v1/securities?market=US&category=overnight",
    "/v1/markets/{market}/temperature": "/v1/markets/HK/temperature",
    "/v1/markets/{market}/temperature/history":
        f"/v1/markets/HK/temperature/history?start={TODAY - 20 * DAY}&end={TODAY}",
    "/v1/subscriptions": "/v1/subscriptions?upstream=true",
}
# An account that has held and done nothing may truly have none of these.
MAY_BE_EMPTY = {"/v1/accounts/{account}/watchlists"}


class Asker:
    """Asks, judges by the contract, and keeps what was asked."""

    def __init__(self, bridge):
        self.bridge, self.asked = bridge, set()

    def __call__(self, path, expected=200, method="GET", body=None, key=None):
        payload = None if body is None else json.dumps(body)
        headers = {**({"Content-Type": "application/json"} if payload else {}), **({"Idempotency-Key": key} if key else {})}
        status, _, answer = self.bridge.request(method, path, headers=headers, body=payload, timeout=30)
        assert status == expected, (method, path, status, answer)
        judge(path, status, answer, method)
        self.asked.add(f"{method} {template_of(path)}")
        return answer


@contextlib.contextmanager
def logged_in():
    """A bridge whose account is opened by a login, with nobody logged in yet."""
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder, running("sandbox") as sandbox:
        pair = LoginPair(folder, sandbox)
        try:
            pair.start()
            yield pair
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0


def read_all(ask):
    for template, path in READS.items():
        answer = ask(path or template)
        if isinstance(answer, dict) and "data" in answer and template not in MAY_BE_EMPTY:
            assert answer["data"], (template, answer)
            assert not answer.get("errors"), (template, answer)


def derivatives(ask):
    expiry = ask("/v1/options/AAPL.US/expirations")["data"][2]
    expiry = expiry if isinstance(expiry, str) else expiry["expiry"]
    rows = ask(f"/v1/options/AAPL.US/chain?expiry={expiry}")["data"]
    call = rows[len(rows) // 2]["call"]
    assert ask(f"/v1/options/quotes?symbols={call if isinstance(call, str) else call['symbol']}&greeks=true")["data"]
    warrant = ask("/v1/warrants/700.HK?limit=1")["data"][0]["symbol"]
    assert ask(f"/v1/warrants/quotes?symbols={warrant}")["data"]


def trading(ask):
    orders = f"{ACCOUNT}/orders"
    order = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}
    placed = ask(orders, 201, "POST", order, key="one")
    filled = ask(orders, 201, "POST", {"symbol": "700.HK", "side": "buy", "type": "market", "quantity": "100"}, key="two")
    ask(f"{orders}?dry_run=true", 200, "POST", order)
    assert float(ask(f"{orders}/estimate", 200, "POST", {k: v for k, v in order.items() if k != "quantity"})["max_quantity_cash"]) > 0
    detail = ask(f"{orders}/{placed['id']}")
    assert detail["timeline"] and detail["broker_history"]
    ask(f"{orders}/{placed['id']}", 200, "PATCH", {"limit_price": "301"})
    ask(f"{orders}/cancel-all", 200, "POST", {"symbols": ["9988.HK"]})
    end = time.monotonic() + 20
    while ask(f"{orders}/{placed['id']}?detail=false")["status"] != "open" and time.monotonic() < end:
        time.sleep(0.05)
    status, _, cancelled = ask.bridge.request("DELETE", f"{orders}/{placed['id']}")
    assert status in (200, 202)
    judge(f"{orders}/{placed['id']}", status, cancelled, "DELETE")
    ask.asked.add("DELETE /v1/accounts/{account}/orders/{id}")
    # Its fills are asked for with all the others.
    assert ask(f"{ACCOUNT}/events?after=0&limit=100")["data"] and filled["id"]


def lists_at_the_broker(ask):
    made = ask(f"{ACCOUNT}/watchlists", 201, "POST", {"name": "mine", "symbols": ["700.HK"]})
    path = f"{ACCOUNT}/watchlists/{made['id']}"
    assert ask(path)["securities"]
    ask(path, 200, "PATCH", {"name": "ours"})
    ask(path, 204, "DELETE")
    made = ask(f"{ACCOUNT}/price-alerts", 201, "POST", {"symbol": "700.HK", "condition": "price_above", "value": "999"})
    found = ask(f"{ACCOUNT}/price-alerts")["data"]
    assert [alert["symbol"] for alert in found] == ["700.HK"]
    path = f"{ACCOUNT}/price-alerts/{found[0]['id']}"
    ask(path, 200, "PATCH", {"enabled": False})
    ask(path, 204, "DELETE")


def keys_and_session(ask):
    made = ask("/v1/keys", 201, "POST", {"name": "made", "scopes": ["market:read"], "accounts": ["main"]})
    ask(f"/v1/keys/{made['id']}", 204, "DELETE")
    ask(f"{ACCOUNT}/session/reconnect", 202, "POST")


def raw_writes(ask):
    base = f"{ACCOUNT}/longbridge/v1/watchlist/groups"
    group = int(ask(base, 200, "POST", {"name": "raw", "securities": ["700.HK"]}, key="raw-1")["id"])
    ask(base, 200, "PUT", {"id": group, "name": "raw too"}, key="raw-2")
    ask(f"{base}?id={group}&purge=false", 200, "DELETE", key="raw-3")


def logins():
    with logged_in() as pair:
        ask = Asker(pair.bridge)
        device = ask(f"{ACCOUNT}/auth/device", 201, "POST")
        ask(f"{ACCOUNT}/auth/device/{device['id']}")
        page = agree(ask(f"{ACCOUNT}/auth/authorize", 201, "POST")["authorization_url"])
        status, _, text = fetch("GET", page)
        assert status == 200 and "<html" in text
        ask.asked.add("GET /oauth/callback")
        pair.until(lambda auth: auth["state"] == "ready")
        ask(f"{ACCOUNT}/auth/refresh", 200, "POST")
        ask(f"{ACCOUNT}/auth", 200, "DELETE")
        return ask.asked


def test_every_operation_is_answered_as_the_contract_says():
    asked = logins()
    with paired(trade_calls=100_000) as pair:
        # Fills of earlier days, and one of today.
        ask = Asker(pair.bridge)
        trading(ask)
        for step in (read_all, derivatives, lists_at_the_broker, raw_writes):
            step(ask)
        for operation, path in NOT_OFFERED.items():
            method = operation.split()[0]
            body = {} if method == "POST" else None
            problem = ask(path, 501, method, body)
            assert problem["code"] == "not_supported_by_broker", problem
        keys_and_session(ask)
        asked |= ask.asked
    operations = {
        f"{method.upper()} {path}" for path, item in contract()["paths"].items() for method in item if method in METHODS
    }
    missing = operations - asked - set(ELSEWHERE)
    assert not missing, f"operations of openapi.yaml that nothing here asks for: {sorted(missing)}"
    assert asked <= operations
