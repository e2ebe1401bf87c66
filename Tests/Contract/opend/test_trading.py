"""Accounts, orders and fills, as the vendor's client sees them."""

import datetime

import pytest
from futu import (
    ModifyOrderOp, OpenSecTradeContext, OrderStatus, OrderType, SecurityFirm, TradeDealHandlerBase, TradeOrderHandlerBase,
    TrdEnv, TrdMarket, TrdSide,
)

from vendor_client import gateway, good, refused, simulated, until  # noqa: F401

FAR, LOT = 300.0, 100


@pytest.fixture(params=["plain", "encrypted"])
def trading(gateway, request):
    """A trade context of the vendor's client that sees every account."""
    gateway.bend(unlocked=False)
    context = OpenSecTradeContext(
        filter_trdmarket=TrdMarket.NONE, security_firm=SecurityFirm.FUTUSECURITIES,
        **gateway.connection(request.param == "encrypted"))
    yield context
    context.close()


@pytest.fixture
def unlocked(gateway, trading):
    good(trading.unlock_trade(gateway.address["trade_password"]))
    return trading


class Orders(TradeOrderHandlerBase):
    def __init__(self):
        super().__init__()
        self.rows = []

    def on_recv_rsp(self, packet):
        answer = super().on_recv_rsp(packet)
        self.rows += [row for _, row in good(answer).iterrows()]
        return answer

    def states(self, order):
        return [row["order_status"] for row in self.rows if row["order_id"] == order]


class Deals(TradeDealHandlerBase):
    def __init__(self):
        super().__init__()
        self.rows = []

    def on_recv_rsp(self, packet):
        answer = super().on_recv_rsp(packet)
        self.rows += [row for _, row in good(answer).iterrows()]
        return answer


def account(trading, environment=TrdEnv.REAL, market="HK"):
    table = good(trading.get_acc_list())
    for _, row in table.iterrows():
        if row["trd_env"] == environment and market in row["trdmarket_auth"]:
            return int(row["acc_id"])
    raise AssertionError(table)


def buy(trading, price=FAR, quantity=LOT, code="HK.00700", environment=TrdEnv.REAL, **more):
    table = good(trading.place_order(
        price, quantity, code, TrdSide.BUY, order_type=more.pop("order_type", OrderType.NORMAL), trd_env=environment,
        acc_id=account(trading, environment, code[:2]), **more))
    return table["order_id"][0]


def state(trading, order, **more):
    table = good(trading.order_list_query(order_id=order, acc_id=account(trading), **more))
    return table["order_status"][0]


def test_there_are_accounts_of_real_and_of_paper_money(trading):
    table = good(trading.get_acc_list())
    assert list(table["trd_env"]).count(TrdEnv.REAL) == 1 and list(table["trd_env"]).count(TrdEnv.SIMULATE) == 2
    assert account(trading) > 2**53


def test_trading_is_unlocked_by_the_password(gateway, trading):
    assert "unlock" in refused(trading.place_order(
        FAR, LOT, "HK.00700", TrdSide.BUY, trd_env=TrdEnv.REAL, acc_id=account(trading)))
    refused(trading.unlock_trade("wrong"))
    good(trading.unlock_trade(gateway.address["trade_password"]))
    buy(trading)
    good(trading.unlock_trade(is_unlock=False))
    refused(trading.place_order(FAR, LOT, "HK.00700", TrdSide.BUY, trd_env=TrdEnv.REAL, acc_id=account(trading)))


def test_money_and_holdings_are_told(trading):
    number = account(trading)
    funds = good(trading.accinfo_query(acc_id=number, currency="HKD"))
    assert funds["total_assets"][0] > funds["cash"][0] > 0
    held = good(trading.position_list_query(acc_id=number))
    assert {"HK.00700", "HK.00005", "US.AAPL"} <= set(held["code"]) and (held["qty"] > 0).all()
    most = good(trading.acctradinginfo_query(OrderType.NORMAL, "HK.00700", 400, acc_id=number))
    assert most["max_cash_buy"][0] % LOT == 0 and most["max_position_sell"][0] >= 0
    paper = account(trading, TrdEnv.SIMULATE)
    assert good(trading.accinfo_query(trd_env=TrdEnv.SIMULATE, acc_id=paper))["cash"][0] > 0


def test_an_order_rests_is_changed_and_withdrawn(unlocked):
    orders = Orders()
    unlocked.set_handler(orders)
    order = buy(unlocked, remark="a remark")
    until(lambda: OrderStatus.SUBMITTED in orders.states(order))
    good(unlocked.modify_order(
        ModifyOrderOp.NORMAL, order, 2 * LOT, FAR + 10, trd_env=TrdEnv.REAL, acc_id=account(unlocked)))
    until(lambda: any(row["qty"] == 2 * LOT and row["price"] == FAR + 10 for row in orders.rows))
    good(unlocked.modify_order(ModifyOrderOp.CANCEL, order, 0, 0, trd_env=TrdEnv.REAL, acc_id=account(unlocked)))
    until(lambda: OrderStatus.CANCELLED_ALL in orders.states(order))
    row = good(unlocked.order_list_query(order_id=order, acc_id=account(unlocked))).iloc[0]
    assert (row["code"], row["remark"], row["order_status"]) == ("HK.00700", "a remark", OrderStatus.CANCELLED_ALL)
    refused(unlocked.modify_order(ModifyOrderOp.CANCEL, order, 0, 0, trd_env=TrdEnv.REAL, acc_id=account(unlocked)))


def test_an_order_is_filled_and_its_deals_are_told(unlocked):
    orders, deals = Orders(), Deals()
    unlocked.set_handler(orders)
    unlocked.set_handler(deals)
    number = account(unlocked)
    order = buy(unlocked, price=0, order_type=OrderType.MARKET)
    until(lambda: OrderStatus.FILLED_ALL in orders.states(order))
    until(lambda: sum(row["qty"] for row in deals.rows if row["order_id"] == order) == LOT)
    today = good(unlocked.deal_list_query(acc_id=number))
    mine = today[today["order_id"] == order]
    assert mine["qty"].sum() == LOT and (mine["price"] > 0).all()
    fees = good(unlocked.order_fee_query([order], acc_id=number))
    assert fees["fee_amount"][0] > 0
    day = datetime.date.today()
    days = [str(day + datetime.timedelta(days=shift)) for shift in (-1, 0, 1)]
    assert sum(len(good(unlocked.get_acc_cash_flow(day, acc_id=number))) for day in days) > 0


def test_all_orders_are_withdrawn_at_once(unlocked):
    placed = [buy(unlocked), buy(unlocked, 30.0, 400, "HK.00005"), buy(unlocked, 90.0, 1, "US.AAPL")]
    good(unlocked.cancel_all_order(acc_id=account(unlocked)))
    for order in placed:
        until(lambda: state(unlocked, order) == OrderStatus.CANCELLED_ALL)


def test_paper_money_needs_no_password_and_has_no_deals(trading):
    number = account(trading, TrdEnv.SIMULATE)
    order = buy(trading, environment=TrdEnv.SIMULATE)
    table = good(trading.order_list_query(order_id=order, trd_env=TrdEnv.SIMULATE, acc_id=number))
    assert table["order_status"][0] in (OrderStatus.SUBMITTING, OrderStatus.SUBMITTED)
    refused(trading.deal_list_query(trd_env=TrdEnv.SIMULATE, acc_id=number))
    good(trading.modify_order(ModifyOrderOp.CANCEL, order, 0, 0, trd_env=TrdEnv.SIMULATE, acc_id=number))


def test_orders_that_cannot_be_are_refused(unlocked):
    number = account(unlocked)

    def place(price, quantity, code, **more):
        return refused(unlocked.place_order(
            price, quantity, code, more.pop("side", TrdSide.BUY), trd_env=TrdEnv.REAL, acc_id=number, **more))

    place(FAR, LOT, "HK.99999")
    place(FAR, 1, "HK.00700")
    place(FAR + 0.01, LOT, "HK.00700")
    assert "power" in place(FAR, 100_000_000, "HK.00700")
    place(FAR, 100_000_000, "HK.00700", side=TrdSide.SELL)


def test_the_past_is_kept(trading):
    number = account(trading)
    past = good(trading.history_order_list_query(acc_id=number))
    assert len(past) >= 5
    filled = good(trading.history_deal_list_query(acc_id=number))
    assert len(filled) >= 4 and set(filled["code"]) <= {"HK.00700", "HK.00005", "US.AAPL"}
    ratios = good(trading.get_margin_ratio(["HK.00700", "US.AAPL"]))
    assert len(ratios) == 2


def test_calls_are_counted(gateway, unlocked):
    gateway.bend(count_requests=True)
    number = account(unlocked)
    answers = [unlocked.acctradinginfo_query(OrderType.NORMAL, "HK.00700", 400, acc_id=number) for _ in range(11)]
    assert "frequency" in refused(answers[-1])


def test_the_exchange_may_reject_later(gateway, unlocked):
    orders = Orders()
    unlocked.set_handler(orders)
    gateway.bend(reject=1)
    order = buy(unlocked)
    until(lambda: OrderStatus.FAILED in orders.states(order))


def test_conditional_orders_wait(unlocked):
    order = buy(unlocked, 900.0, order_type=OrderType.STOP_LIMIT, aux_price=900.0)
    row = good(unlocked.order_list_query(order_id=order, acc_id=account(unlocked))).iloc[0]
    assert row["order_status"] == OrderStatus.WAITING_SUBMIT and row["aux_price"] == 900.0
