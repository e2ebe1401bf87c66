"""Runs the vendor's SDK through an account and prints one line of JSON: which steps were as expected."""

import datetime
import json
import threading
import time
import traceback
from decimal import Decimal

import sdk_login
from longbridge.openapi import (
    OpenApiException, OrderSide, OrderStatus, OrderType, TimeInForceType, TopicType, TradeContext,
)

report = {}
changes, arrived = [], threading.Event()


def step(name):
    def run(body):
        try:
            report[name] = bool(body())
        except Exception:
            report[name] = traceback.format_exc()
        # The vendor's limit: 20 ms between two calls.
        time.sleep(0.03)
    return run


def paced(call, *arguments, **named):
    time.sleep(0.03)
    return call(*arguments, **named)


context = sdk_login.Recorded(TradeContext(sdk_login.config()))
placed = {}


def changed(event):
    changes.append(event)
    arrived.set()


@step("subscribe")
def _():
    context.set_on_order_changed(changed)
    context.subscribe([TopicType.Private])
    return True


@step("account_balance")
def _():
    balance = context.account_balance()[0]
    usd = paced(context.account_balance, "USD")[0]
    return balance.currency == "HKD" and usd.currency == "USD" and balance.net_assets > balance.total_cash > 0 and {
        c.currency for c in balance.cash_infos} >= {"HKD", "USD"}


@step("stock_positions")
def _():
    stocks = {p.symbol: p for c in context.stock_positions().channels for p in c.positions}
    return stocks["700.HK"].quantity == 500 and stocks["700.HK"].available_quantity == 500


@step("fund_positions")
def _():
    return context.fund_positions().channels[0].positions[0].currency == "USD"


@step("estimate")
def _():
    most = context.estimate_max_purchase_quantity("700.HK", OrderType.LO, OrderSide.Buy, Decimal("400"))
    return most.cash_max_qty > 0 and most.margin_max_qty >= most.cash_max_qty


@step("margin_ratio")
def _():
    return context.margin_ratio("700.HK").im_factor == Decimal("0.4")


@step("submit")
def _():
    arrived.clear()
    answer = context.submit_order(
        "700.HK", OrderType.LO, OrderSide.Buy, Decimal(200), TimeInForceType.Day, submitted_price=Decimal("300"),
        remark="by the sdk", client_request_id="sdk-1")
    placed["order"] = answer.order_id
    again = paced(
        context.submit_order, "700.HK", OrderType.LO, OrderSide.Buy, Decimal(200), TimeInForceType.Day,
        submitted_price=Decimal("300"), remark="by the sdk", client_request_id="sdk-1")
    return again.order_id == answer.order_id


@step("push")
def _():
    arrived.wait(10)
    return any(c.order_id == placed["order"] and c.status == OrderStatus.New for c in changes)


@step("today_orders")
def _():
    order = [o for o in context.today_orders() if o.order_id == placed["order"]][0]
    chosen = paced(context.today_orders, symbol="700.HK", status=[OrderStatus.New], side=OrderSide.Buy)
    return order.price == Decimal("300") and order.remark == "by the sdk" and [o.order_id for o in chosen] == [order.order_id]


@step("replace")
def _():
    context.replace_order(placed["order"], Decimal(300), price=Decimal("301"))
    detail = paced(context.order_detail, placed["order"])
    return detail.quantity == 300 and detail.price == Decimal("301") and len(detail.history) >= 2


@step("cancel")
def _():
    context.cancel_order(placed["order"])
    return paced(context.order_detail, placed["order"]).status == OrderStatus.Canceled


@step("fill")
def _():
    answer = context.submit_order("700.HK", OrderType.MO, OrderSide.Buy, Decimal(100), TimeInForceType.Day)
    for _ in range(100):
        detail = paced(context.order_detail, answer.order_id)
        if detail.status == OrderStatus.Filled:
            break
        time.sleep(0.2)
    fills = [t for t in paced(context.today_executions) if t.order_id == answer.order_id]
    chosen = paced(context.today_executions, order_id=answer.order_id)
    return detail.executed_quantity == 100 and sum(t.quantity for t in fills) == 100 and len(chosen) == len(fills)


@step("charges")
def _():
    filled = [o for o in context.today_orders() if o.status == OrderStatus.Filled][0]
    return paced(context.order_detail, filled.order_id).charge_detail.total_amount > 0


@step("history_orders")
def _():
    end = datetime.datetime.now()
    orders = context.history_orders(start_at=end - datetime.timedelta(days=89), end_at=end)
    return len(orders) >= 5 and placed["order"] not in {o.order_id for o in orders}


@step("history_executions")
def _():
    end = datetime.datetime.now()
    return len(context.history_executions(start_at=end - datetime.timedelta(days=89), end_at=end)) >= 4


@step("all_executions")
def _():
    return len(getattr(context.all_executions(), "trades", None) or context.all_executions()) >= 1


@step("cash_flow")
def _():
    end = datetime.datetime.now()
    return len(context.cash_flow(start_at=end - datetime.timedelta(days=89), end_at=end)) >= 1


@step("conditional")
def _():
    answer = context.submit_order(
        "AAPL.US", OrderType.LIT, OrderSide.Buy, Decimal(10), TimeInForceType.GoodTilDate,
        submitted_price=Decimal("100"), trigger_price=Decimal("101"), expire_date=datetime.date.today() + datetime.timedelta(days=30))
    order = [o for o in paced(context.today_orders) if o.order_id == answer.order_id][0]
    return order.trigger_price == Decimal("101") and order.status == OrderStatus.VarietiesNotReported


def refused(code, *arguments, **named):
    try:
        paced(context.submit_order, *arguments, **named)
    except OpenApiException as error:
        return error.code == code
    return False


@step("refusals")
def _():
    common = (OrderSide.Buy, Decimal(100), TimeInForceType.Day)
    return (
        refused(602035, "700.HK", OrderType.LO, *common, submitted_price=Decimal("300.13"))
        and refused(602001, "700.HK", OrderType.LO, *common)
        and refused(602001, "700.HK", OrderType.LO, OrderSide.Buy, Decimal(150), TimeInForceType.Day, submitted_price=Decimal("300"))
        and refused(602001, "NOSUCH.HK", OrderType.MO, *common)
    )


@step("unsubscribe")
def _():
    context.unsubscribe([TopicType.Private])
    return True


@step("attached")
def _():
    from longbridge.openapi import AttachedOrderType, SubmitAttachedParams

    answer = context.submit_order(
        "700.HK", OrderType.LO, OrderSide.Buy, Decimal(100), TimeInForceType.Day, submitted_price=Decimal("300"),
        attached_params=SubmitAttachedParams(
            AttachedOrderType.Bracket, time_in_force=TimeInForceType.Day, profit_taker_price=Decimal("500"),
            stop_loss_price=Decimal("250"), activate_order_type=OrderType.MIT))
    order = [o for o in paced(context.today_orders) if o.order_id == answer.order_id][0]
    exits = {str(a.attached_type_display): a for a in order.attached_orders}
    one = paced(context.today_orders, order_id=order.attached_orders[0].order_id, is_attached=True)
    paced(context.cancel_order, order.attached_orders[0].order_id, is_attached=True)
    after = [o for o in paced(context.today_orders) if o.order_id == answer.order_id][0]
    return (len(exits) == 2 and len(one) == 1
            and sorted(a.status == OrderStatus.Canceled for a in after.attached_orders) == [False, True])


@step("multileg")
def _():
    from longbridge.openapi import MultiLegPosition, MultiLegStrategy, QuoteContext

    quotes = sdk_login.kept(QuoteContext(sdk_login.config()))
    expiry = quotes.option_chain_expiry_date_list("AAPL.US")[-1]
    chain = quotes.option_chain_info_by_date("AAPL.US", expiry)
    calls = [row.symbol for row in chain if str(row.direction).endswith("Call")][:2]
    terms = (OrderSide.Buy, OrderType.LO, Decimal(3), MultiLegStrategy.VerticalCallSpread)
    answer = paced(context.submit_multileg, *terms, [(calls[0], Decimal(1)), (calls[1], Decimal(2))],
                   submitted_price=Decimal("1.5"), remark="both", client_request_id="legs-1")
    order = [o for o in paced(context.today_orders) if o.order_id == answer.order_id][0]
    legs = order.multi_leg.legs
    refusals = 0
    for wrong in ([(calls[0], Decimal(1)), (calls[1], Decimal(0))], [(calls[0], Decimal(1))], []):
        try:
            paced(context.submit_multileg, *terms, wrong, submitted_price=Decimal("1.5"))
        except OpenApiException as error:
            refusals += error.code == 602001
    paced(context.cancel_order, answer.order_id)
    end = time.monotonic() + 10
    while paced(context.order_detail, answer.order_id).status != OrderStatus.Canceled and time.monotonic() < end:
        time.sleep(0.05)
    after = paced(context.order_detail, answer.order_id)
    return (refusals == 3 and order.multi_leg.strategy == MultiLegStrategy.VerticalCallSpread and order.quantity == 3
            and [leg.symbol for leg in legs] == calls and [leg.ratio_quantity for leg in legs] == [1, 2]
            and [leg.position for leg in legs] == [MultiLegPosition.Long, MultiLegPosition.Short]
            and all(leg.expire_date == expiry and leg.strike_price > 0 for leg in legs)
            and after.status == OrderStatus.Canceled)


@step("grid_pushes_are_taken")
def _():
    context.set_on_grid_order_changed(lambda event: None)
    return True


report["methods"] = context.report()
print(json.dumps(report))
