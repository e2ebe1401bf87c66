"""Runs the vendor's SDK as an account of the US data centre and prints one line of JSON: which steps were as expected."""

import datetime
import json
import time
import traceback
from decimal import Decimal

import sdk_login
from longbridge.openapi import (
    OpenApiException, OrderSide, OrderStatus, OrderType, QuoteContext, TimeInForceType, TradeContext,
)

report = {}
config = sdk_login.config()
context = sdk_login.Recorded(TradeContext(config))
quotes = QuoteContext(config)
placed = {}


def step(name):
    def run(body):
        try:
            report[name] = bool(body())
        except Exception:
            report[name] = traceback.format_exc()
    return run


@step("asset_overview")
def _():
    overview = context.us_asset_overview()
    apple = {s.symbol: s for s in overview.stock_list}["AAPL"]
    cash = overview.cash_list[0]
    return (apple.quantity == "100" and apple.full_symbol == "AAPL.US" and apple.position_side == "LONG"
            and Decimal(apple.last_done) > 0 and (cash.currency, Decimal(cash.total_amount)) == ("USD", 200_000)
            and {s.market for s in overview.stock_list} == {"US"} and overview.asset_timestamp > 1_700_000_000)


@step("cash_and_buy_power")
def _():
    power = context.us_cash_and_buy_power()
    return (context.us_cash_and_buy_power("USD").buy_limit_info.currency == "USD"
            and Decimal(power.buy_limit_info.cash_buy_power) == 200_000
            and Decimal(power.margin_status.nlv) > Decimal(power.cash_list[0].total_amount))


@step("available_holding")
def _():
    return (context.us_available_holding("AAPL.US").available_qty == "100"
            and context.us_available_holding("AAPL.US", "STOCK", "SHORT").available_qty == "0")


@step("exchange_rates")
def _():
    rates = {r.other_currency: r for r in context.us_exchange_rates().exchanges}
    return rates["HKD"].base_currency == "USD" and 7 < Decimal(rates["HKD"].average_rate) < 8


@step("submit")
def _():
    answer = context.submit_order(
        "AAPL.US", OrderType.LO, OrderSide.Buy, Decimal(10), TimeInForceType.GoodTilCanceled,
        submitted_price=Decimal("100"), remark="by the sdk")
    placed["order"] = answer.order_id
    return [o.order_id for o in context.today_orders(symbol="AAPL.US")] == [answer.order_id]


@step("order_detail")
def _():
    response = context.us_order_detail(placed["order"])
    order = response.order
    return (order.id == placed["order"] and order.action == 1 and order.order_type == "LO" and order.time_in_force == 3
            and order.symbol == "AAPL.US"
            and Decimal(order.price) == 100 and order.remark == "by the sdk" and order.order_histories
            and order.button_control.withdraw == 1 and response.current_attached_order is None
            and abs(int(response.current_millisecond) / 1000 - time.time()) < 3600)


@step("replace_and_cancel")
def _():
    context.replace_order(placed["order"], Decimal(20), price=Decimal("101"))
    end = time.monotonic() + 10
    while context.us_order_detail(placed["order"]).order.quantity != "20" and time.monotonic() < end:
        time.sleep(0.05)
    changed = context.us_order_detail(placed["order"]).order
    context.cancel_order(placed["order"])
    while context.us_order_detail(placed["order"]).order.status != "CanceledStatus" and time.monotonic() < end:
        time.sleep(0.05)
    after = context.us_order_detail(placed["order"]).order
    return changed.quantity == "20" and after.status == "CanceledStatus" and after.button_control.withdraw == 0


@step("fill")
def _():
    answer = context.submit_order("AAPL.US", OrderType.MO, OrderSide.Sell, Decimal(40), TimeInForceType.Day)
    end = time.monotonic() + 30
    while context.us_order_detail(answer.order_id).order.status != "FilledStatus" and time.monotonic() < end:
        time.sleep(0.05)
    order = context.us_order_detail(answer.order_id).order
    stock = {s.symbol: s for s in context.us_asset_overview().stock_list}["AAPL"]
    return (order.action == 2 and order.executed_qty == "40" and Decimal(order.charge_detail.total_amount) > 0
            and stock.quantity == "60" and sum(t.quantity for t in context.today_executions()) == 40)


@step("attached")
def _():
    from longbridge.openapi import AttachedOrderType, SubmitAttachedParams

    answer = context.submit_order(
        "AAPL.US", OrderType.LO, OrderSide.Buy, Decimal(10), TimeInForceType.Day, submitted_price=Decimal("100"),
        attached_params=SubmitAttachedParams(
            AttachedOrderType.Bracket, time_in_force=TimeInForceType.Day, profit_taker_price=Decimal("900"),
            stop_loss_price=Decimal("50"), activate_order_type=OrderType.MIT))
    attached = context.us_order_detail(answer.order_id).order.attached_orders
    child = context.us_order_detail(attached[0].order_id)
    return len(attached) == 2 and child.order.id == answer.order_id and child.current_attached_order.id == attached[0].order_id


@step("query_orders")
def _():
    every = json.loads(context.us_query_orders())
    sales = json.loads(context.us_query_orders("AAPL.US", action=2, query_type=2))
    pages = [json.loads(context.us_query_orders(page=n, limit=2))["orders"] for n in (1, 2)]
    return (every["total_count"] == len(every["orders"]) >= 3 and placed["order"] in {o["id"] for o in every["orders"]}
            and {o["status"] for o in sales["orders"]} == {"FilledStatus"} and {o["action"] for o in sales["orders"]} == {2}
            and [o["id"] for page in pages for o in page] == [o["id"] for o in every["orders"][:4]])


@step("realized_pl")
def _():
    every = {e.category: e for e in context.us_realized_pl("USD", None).realized_pl_list}
    options = context.us_realized_pl("USD", "OPTION").realized_pl_list
    return (set(every) == {0, 1, 2, 3} and Decimal(every[1].metrics[0].amount) != 0
            and [e.category for e in options] == [2] and Decimal(options[0].metrics[0].amount) == 0)


@step("transaction_history")
def _():
    end = datetime.datetime.now() + datetime.timedelta(hours=1)
    start = end - datetime.timedelta(days=89)
    every = context.us_transaction_history(start, end, size=100).items
    dividends = context.us_transaction_history(start, end, types=["TT_CORPORATE_ACTION"], currency="USD").items
    second = context.us_transaction_history(start, end, page=2, size=1)
    sale = [t for t in every if t.biz_code == "TT_STOCKS_AND_ETFS_TRADING" and Decimal(t.amount) > 0][0]
    return (sale.symbol == "AAPL.US" and sale.done_at is not None and len(dividends) < len(every)
            and second.current_page == 2 and len(second.items) == 1 and second.items[0].ref_no == every[1].ref_no)


@step("history")
def _():
    end = datetime.datetime.now()
    start = end - datetime.timedelta(days=89)
    return (len(context.history_orders(start_at=start, end_at=end)) >= 3
            and len(context.history_executions(start_at=start, end_at=end)) >= 2
            and context.estimate_max_purchase_quantity("AAPL.US", OrderType.LO, OrderSide.Buy, Decimal(100)).cash_max_qty > 0)


@step("crypto_overview")
def _():
    coin = quotes.us_crypto_overview("BTCUSD.BKKT")
    return coin.name == "Bitcoin" and coin.base_asset == "BTC" and quotes.quote(["AAPL.US"])[0].last_done > 0


@step("asian_calls_are_not_for_it")
def _():
    # The client refuses them by itself.
    refused = 0
    for call in (context.account_balance, context.stock_positions, context.fund_positions):
        try:
            call()
        except OpenApiException:
            refused += 1
    return refused == 3


report["methods"] = context.report()
print(json.dumps(report))
