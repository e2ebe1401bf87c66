"""An account of the vendor's US data centre: its own calls for money, holdings and details, in the same shapes."""

from decimal import Decimal

import pytest

from conftest import paired
from judged import judge
from test_orders import ORDERS, place, until

ACCOUNT = "/v1/accounts/main"
APPLE = {"symbol": "AAPL.US", "side": "buy", "type": "limit", "quantity": "10", "limit_price": "100"}
ASIAN = ("/v1/asset/", "/v1/risk/", "GET /v1/trade/order", "/v3/")


@pytest.fixture(scope="module")
def american():
    with paired(data_center="us", trade_calls=100_000) as started:
        yield started


def data(pair, name):
    status, _, body = pair.bridge.get(f"{ACCOUNT}/{name}")
    assert status == 200, body
    judge(f"{ACCOUNT}/{name.split('?')[0]}", 200, body)
    return body["data"]


def calls(pair):
    return pair.broker.sandbox("GET", "counters")["calls"]


def test_the_account_says_what_it_can_do(american):
    account = american.bridge.get(ACCOUNT)[2]
    assert {"balances", "positions", "cash_flow", "orders", "estimates"} <= set(account["capabilities"])
    assert not {"fund_positions", "margin_ratios"} & set(account["capabilities"])
    for path in ("fund-positions", "margin-ratios?symbol=AAPL.US"):
        status, _, problem = american.bridge.get(f"{ACCOUNT}/{path}")
        assert (status, problem["code"]) == (501, "not_supported_by_broker"), problem


def test_money_and_holdings_have_the_shapes_of_every_account(american):
    balance = data(american, "balances")[0]
    assert (balance["currency"], Decimal(balance["total_cash"])) == ("USD", 200_000)
    assert Decimal(balance["net_assets"]) > Decimal(balance["total_cash"]) and balance["risk_level"] is None
    assert [c["currency"] for c in balance["cash"]] == ["USD"]
    assert data(american, "balances?currency=USD")[0]["currency"] == "USD"
    positions = data(american, "positions")
    assert [(p["symbol"], Decimal(p["quantity"]), Decimal(p["cost_price"])) for p in positions] == [
        ("AAPL.US", 100, Decimal("187.45"))]
    assert data(american, "positions?symbols=700.HK") == []


def test_an_order_lives_there_as_anywhere(american):
    bridge = american.bridge
    status, _, placed = place(bridge, APPLE, time_in_force="gtc", note="mine")
    assert status == 201 and placed["status"] == "open", placed
    detail = bridge.get(f"{ORDERS}/{placed['id']}")[2]
    judge(f"{ORDERS}/{placed['id']}", 200, detail)
    assert detail["broker_history"][0]["status"] == "WaitToNew" and detail["time_in_force"] == "gtc"
    status, _, body = bridge.request(
        "PATCH", f"{ORDERS}/{placed['id']}", headers={"Content-Type": "application/json"}, body='{"limit_price": "101"}')
    assert status == 200, body
    until(bridge, placed["id"], lambda o: o["status"] == "open" and Decimal(o["limit_price"]) == 101)
    assert bridge.request("DELETE", f"{ORDERS}/{placed['id']}")[0] in (200, 202)
    until(bridge, placed["id"], lambda o: o["status"] == "cancelled")
    # One that is done costs something and becomes a holding, a movement and a fill.
    _, _, bought = place(bridge, {"symbol": "AAPL.US", "side": "buy", "type": "market", "quantity": "5"})
    until(bridge, bought["id"], lambda o: o["status"] == "filled")
    detail = bridge.get(f"{ORDERS}/{bought['id']}")[2]
    assert Decimal(detail["charges"]["total"]) > 0 and detail["charges"]["currency"] == "USD"
    assert Decimal(data(american, "positions")[0]["quantity"]) == 105
    assert any(e["order_id"] == bought["id"] for e in data(american, "executions"))
    flow = [f for f in data(american, "cash-flow?symbol=AAPL.US") if f["direction"] == "out"]
    assert flow and {f["type"] for f in flow} == {"cash"} and {f["symbol"] for f in flow} == {"AAPL.US"}
    assert data(american, "cash-flow?type=fund") == []


def test_an_order_whose_answer_was_lost_is_found_there_too(american):
    american.control("trading", call="POST /v1/trade/order", fault="drop-after", times=1)
    status, _, placed = place(american.bridge, APPLE)
    assert status in (201, 202), placed
    assert until(american.bridge, placed["id"], lambda o: o["status"] == "open")["broker_order_id"]


def test_an_order_the_lists_do_not_have_is_looked_for_by_its_number(american):
    _, _, placed = place(american.bridge, APPLE, time_in_force="gtc")
    before = sum(count for name, count in calls(american).items() if name.startswith("GET /v1/us/orders/"))
    american.control("order", do="forget", order_id=placed["broker_order_id"])
    until(american.bridge, placed["id"], lambda o: o["status"] == "expired", seconds=60)
    after = sum(count for name, count in calls(american).items() if name.startswith("GET /v1/us/orders/"))
    assert after > before


def test_its_other_calls_go_by_the_raw_route(american):
    raw = f"{ACCOUNT}/longbridge/v1/us"
    status, _, gains = american.bridge.get(f"{raw}/assets/pl/realized?currency=USD&category=STOCK")
    assert status == 200 and [entry["category"] for entry in gains["realized_pl_list"]] == [1], gains
    status, _, listed = american.bridge.request(
        "POST", f"{raw}/orders/query", headers={"Content-Type": "application/json"},
        body='{"action": 1, "query_type": 0, "page": 1, "limit": 1, "symbols": ["AAPL.US"]}')
    assert status == 200 and [order["action"] for order in listed["orders"]] == [1], listed
    # Orders have routes of their own, there too.
    status, _, problem = american.bridge.request(
        "POST", f"{raw}/orders/1", headers={"Content-Type": "application/json"}, body="{}")
    assert (status, problem["code"]) == (403, "raw_not_allowed"), problem


def test_no_call_of_the_other_data_center_was_made(american):
    # After all of the above; by itself it has at least made these.
    data(american, "balances")
    data(american, "positions")
    made = calls(american)
    assert any(name.startswith("GET /v1/us/assets/") for name in made)
    assert not [name for name in made if any(part in name for part in ASIAN) and "/today" not in name
                and "/history" not in name], made
