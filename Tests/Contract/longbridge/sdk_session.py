"""Runs the vendor's SDK through a session and prints one line of JSON: which steps were as expected."""

import datetime
import json
import threading
import traceback

import sdk_login
from longbridge.openapi import AdjustType, OpenApiException, Period, QuoteContext, SubType

report = {}


def step(name):
    def run(body):
        try:
            report[name] = bool(body())
        except Exception:
            report[name] = traceback.format_exc()
    return run


config = sdk_login.config()
context = sdk_login.Recorded(QuoteContext(config))


@step("static_info")
def _():
    info = {i.symbol: i for i in context.static_info(["700.HK", "AAPL.US"])}
    return info["700.HK"].lot_size == 100 and info["700.HK"].name_en == "TENCENT" and info["AAPL.US"].currency == "USD"


@step("quote")
def _():
    quotes = {q.symbol: q for q in context.quote(["700.HK", "AAPL.US"])}
    tencent = quotes["700.HK"]
    return tencent.low <= tencent.last_done <= tencent.high and tencent.prev_close > 0 and quotes["AAPL.US"].pre_market_quote


@step("depth")
def _():
    book = context.depth("700.HK")
    return len(book.bids) == 10 and len(book.asks) == 10 and book.bids[0].price < book.asks[0].price


@step("brokers")
def _():
    queue = context.brokers("700.HK")
    return queue.ask_brokers[0].position == 1 and len(queue.bid_brokers[0].broker_ids) > 0


@step("participants")
def _():
    return any(p.name_en == "HSBC" for p in context.participants())


@step("trades")
def _():
    trades = context.trades("700.HK", 20)
    times = [t.timestamp for t in trades]
    return len(trades) == 20 and times == sorted(times) and all(t.price > 0 for t in trades)


@step("intraday")
def _():
    return len(context.intraday("AAPL.US")) > 0


@step("candlesticks")
def _():
    bars = context.candlesticks("700.HK", Period.Day, 30, AdjustType.NoAdjust)
    return len(bars) == 30 and all(b.low <= min(b.open, b.close) <= max(b.open, b.close) <= b.high for b in bars)


@step("history_by_offset")
def _():
    bars = context.history_candlesticks_by_offset(
        "700.HK", Period.Day, AdjustType.NoAdjust, False, 10, datetime.datetime.now() - datetime.timedelta(days=10)
    )
    return len(bars) == 10


@step("history_by_date")
def _():
    end = datetime.date.today()
    bars = context.history_candlesticks_by_date(
        "700.HK", Period.Day, AdjustType.NoAdjust, end - datetime.timedelta(days=20), end
    )
    return 10 <= len(bars) <= 16


@step("trading_session")
def _():
    return len(context.trading_session()) == 4


@step("trading_days")
def _():
    from longbridge.openapi import Market

    start = datetime.date.today()
    return len(context.trading_days(Market.HK, start, start + datetime.timedelta(days=14)).trading_days) > 5


@step("unknown_symbol")
def _():
    try:
        context.depth("NOSUCH.HK")
    except OpenApiException as error:
        return error.code == 301600
    return False


@step("calc_indexes")
def _():
    from longbridge.openapi import CalcIndex

    figures = context.calc_indexes(["700.HK"], [CalcIndex.LastDone, CalcIndex.PeTtmRatio])[0]
    return figures.last_done > 0 and figures.pe_ttm_ratio > 0 and figures.gamma is None


@step("capital")
def _():
    money = context.capital_distribution("700.HK")
    return money.capital_in.large >= 0 and len(context.capital_flow("700.HK")) > 0


@step("options")
def _():
    dates = context.option_chain_expiry_date_list("AAPL.US")
    rows = context.option_chain_info_by_date("AAPL.US", dates[2])
    quotes = context.option_quote([row.symbol for row in rows])
    return (dates == sorted(dates) and len(quotes) == len(rows) > 10
            and [quote.strike_price for quote in quotes] == [row.strike_price for row in rows]
            and all(quote.expiry_date == dates[2] for quote in quotes))


@step("warrants")
def _():
    from longbridge.openapi import SortOrderType, WarrantSortBy

    rows = context.warrant_list("700.HK", WarrantSortBy.Volume, SortOrderType.Descending)
    volumes = [row.volume for row in rows]
    quotes = context.warrant_quote([row.symbol for row in rows])
    return volumes == sorted(volumes, reverse=True) and len(quotes) == len(rows) and len(context.warrant_issuers()) > 2


@step("security_list")
def _():
    from longbridge.openapi import Market, SecurityListCategory

    return any(s.symbol == "AAPL.US" for s in context.security_list(Market.US, SecurityListCategory.Overnight))


@step("temperature")
def _():
    from longbridge.openapi import Market

    now = context.market_temperature(Market.HK)
    end = datetime.date.today()
    past = context.history_market_temperature(Market.HK, end - datetime.timedelta(days=30), end)
    return 0 <= now.temperature <= 100 and len(past.records) > 15


@step("watchlist")
def _():
    from longbridge.openapi import SecuritiesUpdateMode

    group = context.create_watchlist_group("mine", ["700.HK", "AAPL.US"])
    context.update_watchlist_group(group, "ours", ["9988.HK"], SecuritiesUpdateMode.Add)
    context.update_watchlist_group(group, securities=["700.HK"], mode=SecuritiesUpdateMode.Remove)
    held = next(g for g in context.watchlist() if g.id == group)
    names = held.name, [s.symbol for s in held.securities]
    context.delete_watchlist_group(group)
    return names == ("ours", ["AAPL.US", "9988.HK"]) and all(g.id != group for g in context.watchlist())


@step("alerts")
def _():
    from longbridge.openapi import AlertCondition, AlertContext, AlertFrequency

    alerts = sdk_login.kept(AlertContext(config))
    alerts.add("700.HK", AlertCondition.PriceRise, "999", AlertFrequency.Once)
    group = next(g for g in alerts.list().lists if g.symbol == "700.HK")
    item = group.indicators[0]
    alerts.delete([item.id])
    return all(g.symbol != "700.HK" for g in alerts.list().lists) and str(item.value_map.price) == "999"


@step("studies")
def _():
    hong_kong = context.short_positions("700.HK", 5), context.short_trades("700.HK", 5)
    american = context.short_positions("AAPL.US", 5), context.short_trades("AAPL.US", 5)
    volumes = context.option_volume("AAPL.US"), context.option_volume_daily("AAPL.US")
    return all([*hong_kong, *american, *volumes]) and len(context.filings("AAPL.US")) == 3


@step("pinned")
def _():
    from longbridge.openapi import PinnedMode

    group = context.create_watchlist_group("pins", ["700.HK", "5.HK"])
    context.update_pinned(PinnedMode.Add, ["5.HK"])
    held = next(g for g in context.watchlist() if g.id == group)
    context.delete_watchlist_group(group)
    return [s.is_pinned for s in held.securities] == [False, True]


@step("overnight_and_packages")
def _():
    return len(context.quote_package_details()) >= 3 and bool(context.quote_level())


events = {"quote": threading.Event(), "depth": threading.Event(), "brokers": threading.Event(), "trades": threading.Event()}
context.set_on_quote(lambda symbol, event: events["quote"].set())
context.set_on_depth(lambda symbol, event: events["depth"].set())
context.set_on_brokers(lambda symbol, event: events["brokers"].set())
context.set_on_trades(lambda symbol, event: events["trades"].set())


@step("subscriptions")
def _():
    context.subscribe(["700.HK"], [SubType.Quote, SubType.Depth, SubType.Brokers, SubType.Trade])
    held = context.subscriptions()
    return [s.symbol for s in held] == ["700.HK"] and len(held[0].sub_types) == 4


@step("pushes")
def _():
    arrived = {name: event.wait(20) for name, event in events.items()}
    kept = (context.realtime_quote(["700.HK"]), context.realtime_depth("700.HK").bids,
            context.realtime_brokers("700.HK").bid_brokers, context.realtime_trades("700.HK", 5))
    if not all(kept):
        return kept
    context.unsubscribe(["700.HK"], [SubType.Quote, SubType.Depth, SubType.Brokers, SubType.Trade])
    return all(arrived.values()) or arrived


@step("candlestick_subscription")
def _():
    arrived = threading.Event()
    context.set_on_candlestick(lambda symbol, event: arrived.set())
    first = context.subscribe_candlesticks("9988.HK", Period.Day)
    pushed = arrived.wait(20)
    kept = context.realtime_candlesticks("9988.HK", Period.Day, 5)
    context.unsubscribe_candlesticks("9988.HK", Period.Day)
    return len(first) > 100 and pushed and len(kept) == 5


@step("member")
def _():
    return context.member_id() > 0


report["methods"] = context.report()
print(json.dumps(report))
