"""What needs no subscription: snapshots, the past, lists and derivatives, as the vendor's client reads them."""

import datetime

import pytest
from futu import (
    AccumulateFilter, AuType, CustomIndicatorFilter, KLType, Market, ModifyUserSecurityOp, PatternFilter, PeriodType,
    Plate, PriceReminderFreq, PriceReminderHandlerBase, PriceReminderType, RelativePosition, SecurityReferenceType,
    SecurityType, SetPriceReminderOp, SimpleFilter, SortDir, StockField, SubType, TradeDateMarket, UserSecurityGroupType,
    WarrantRequest,
)

from vendor_client import gateway, good, quotes, refused, simulated, until  # noqa: F401

TODAY = datetime.date.today()
MANY = ["HK.00700", "HK.00005", "US.AAPL", "HK.800000", "HK.HSImain"]


def day(shift):
    return str(TODAY + datetime.timedelta(days=shift))


def test_snapshots_of_every_kind(quotes):
    option = good(quotes.get_option_chain("US.AAPL", start=day(0), end=day(25)))["code"][0]
    warrant = good(quotes.get_warrant("HK.00700", WarrantRequest()))[0]["stock"][0]
    table = good(quotes.get_market_snapshot(MANY + [option, warrant]))
    assert list(table["code"]) == MANY + [option, warrant]
    assert (table["last_price"] > 0).all() and (table["prev_close_price"] > 0).all()
    rows = table.set_index("code")
    assert rows.loc["HK.00700"]["equity_valid"] and rows.loc["HK.00700"]["lot_size"] == 100
    assert rows.loc["HK.00700"]["ask_price"] > rows.loc["HK.00700"]["bid_price"]
    assert rows.loc[option]["option_valid"] and rows.loc[option]["stock_owner"] == "US.AAPL"
    assert rows.loc[warrant]["wrt_valid"] and rows.loc["HK.800000"]["index_valid"]
    assert rows.loc["HK.HSImain"]["future_valid"]


def test_an_unknown_code_is_refused(quotes):
    assert "99999" in refused(quotes.get_market_snapshot(["HK.00700", "HK.99999"]))


def test_securities_are_listed(quotes):
    table = good(quotes.get_stock_basicinfo(Market.HK, SecurityType.STOCK))
    assert {"HK.00700", "HK.00005"} <= set(table["code"])
    one = good(quotes.get_stock_basicinfo(Market.US, SecurityType.STOCK, ["US.AAPL"]))
    assert one["lot_size"][0] == 1 and one["name"][0]
    assert "HK.HSImain" in set(good(quotes.get_stock_basicinfo(Market.HK, SecurityType.FUTURE))["code"])


@pytest.mark.parametrize("kind", [KLType.K_DAY, KLType.K_1M, KLType.K_WEEK])
def test_the_past_comes_in_pages(quotes, kind):
    start = day(-4) if kind == KLType.K_1M else day(-400)
    whole, _ = good(quotes.request_history_kline("HK.00700", start=start, end=day(0), ktype=kind, max_count=1000))
    size = max(2, len(whole) // 3)
    rows, key, pages = [], None, 0
    while True:
        page, key = good(quotes.request_history_kline(
            "HK.00700", start=start, end=str(whole["time_key"].iloc[-1]), ktype=kind, max_count=size,
            page_req_key=key))
        rows += list(page["time_key"])
        pages += 1
        if key is None:
            break
    assert pages >= 3 and rows == list(whole["time_key"]) and rows == sorted(set(rows))


def test_adjusted_candles_follow_the_dividends(quotes):
    table = good(quotes.get_rehab("HK.00700"))
    assert (table["per_cash_div"] > 0).all() and len(table) >= 3
    span = {"start": day(-900), "end": day(-895), "ktype": KLType.K_DAY}
    plain = good(quotes.request_history_kline("HK.00700", autype=AuType.NONE, **span))[0]
    forward = good(quotes.request_history_kline("HK.00700", autype=AuType.QFQ, **span))[0]
    later = table[table["ex_div_date"] > plain["time_key"].iloc[0][:10]]["per_cash_div"].sum()
    assert plain["close"].iloc[0] - forward["close"].iloc[0] == pytest.approx(later, abs=0.002)


def test_the_quota_of_the_past_is_counted(gateway, quotes):
    good(quotes.request_history_kline("HK.00005", start=day(-10), end=day(0)))
    used, left, detail = good(quotes.get_history_kl_quota(get_detail=True))
    assert used >= 1 and left == 1000 - used and "HK.00005" in {item["code"] for item in detail}
    gateway.bend(history_symbols=0)
    assert "quota" in refused(quotes.request_history_kline("US.MSFT", start=day(-10), end=day(0)))


def test_plates(quotes):
    plates = good(quotes.get_plate_list(Market.HK, Plate.ALL))
    assert "HK.BK1001" in set(plates["code"])
    members = good(quotes.get_plate_stock("HK.BK1001"))
    assert "HK.00700" in set(members["code"])
    owners = good(quotes.get_owner_plate(["HK.00700"]))
    assert "HK.BK1001" in set(owners["plate_code"])


def test_options(quotes):
    days = good(quotes.get_option_expiration_date("US.AAPL"))
    assert len(days) >= 8 and (days["option_expiry_date_distance"] >= 0).all()
    chain = good(quotes.get_option_chain("US.AAPL", start=days["strike_time"][0], end=days["strike_time"][2]))
    assert set(chain["option_type"]) == {"CALL", "PUT"} and set(chain["stock_owner"]) == {"US.AAPL"}
    assert set(chain["strike_time"]) == set(days["strike_time"][:3])
    code = chain["code"][len(chain) // 2]
    good(quotes.subscribe([code], [SubType.QUOTE], subscribe_push=False))
    quote = good(quotes.get_stock_quote([code]))
    assert quote["strike_price"][0] > 0 and quote["open_interest"][0] > 0
    refused(quotes.get_option_chain("US.AAPL", start=day(0), end=day(40)))


def test_warrants_and_references(quotes):
    request = WarrantRequest()
    request.num = 5
    request.ascend = True
    table, is_last, count = good(quotes.get_warrant("HK.00700", request))
    assert len(table) == 5 and count == 30 and is_last is False
    assert set(table["stock_owner"]) == {"HK.00700"}
    assert len(good(quotes.get_referencestock_list("HK.00700", SecurityReferenceType.WARRANT))) == 30
    assert len(good(quotes.get_referencestock_list("HK.HSImain", SecurityReferenceType.FUTURE))) == 3


def test_flows_of_money(quotes):
    intraday = good(quotes.get_capital_flow("HK.00700"))
    assert len(intraday) > 0 and intraday["in_flow"].notna().all()
    days = good(quotes.get_capital_flow("HK.00700", PeriodType.DAY, start=day(-30), end=day(0)))
    assert len(days) >= 15 and days["main_in_flow"].notna().all()
    shares = good(quotes.get_capital_distribution("US.AAPL"))
    assert (shares["capital_in_big"] >= 0).all()


def test_days_and_states(quotes):
    days = good(quotes.request_trading_days(TradeDateMarket.HK, start=day(-30), end=day(-1)))
    assert 15 <= len(days) <= 23 and all(entry["time"] for entry in days)
    states = good(quotes.get_market_state(["HK.00700", "US.AAPL", "HK.HSImain"]))
    assert list(states["code"]) == ["HK.00700", "US.AAPL", "HK.HSImain"]


def test_offerings_and_futures(quotes):
    for market in (Market.HK, Market.US, Market.SH):
        assert len(good(quotes.get_ipo_list(market))) == 1
    future = good(quotes.get_future_info(["HK.HSImain"]))
    assert future["size"][0] == 50 and future["exchange"][0] == "HKFE"


def test_the_screener(quotes):
    price = SimpleFilter()
    price.stock_field = StockField.CUR_PRICE
    price.filter_min, price.filter_max, price.is_no_filter = 100, 1000, False
    price.sort = SortDir.DESCEND
    volume = AccumulateFilter()
    volume.stock_field = StockField.VOLUME
    volume.days, volume.is_no_filter = 5, True
    is_last, count, rows = good(quotes.get_stock_filter(Market.HK, [price, volume]))
    assert is_last and count == len(rows) > 0
    prices = [row[price] for row in rows]
    assert prices == sorted(prices, reverse=True) and all(100 <= value <= 1000 for value in prices)
    assert all(row[volume] > 0 for row in rows)


def test_the_screener_reads_charts(quotes):
    def count(*filters):
        return good(quotes.get_stock_filter(Market.HK, list(filters)))[1]

    def compared(position):
        line = CustomIndicatorFilter()
        line.ktype, line.stock_field1, line.stock_field2 = KLType.K_DAY, StockField.PRICE, StockField.MA20
        line.relative_position, line.is_no_filter = position, False
        return count(line)

    everything = SimpleFilter()
    everything.stock_field = StockField.CUR_PRICE
    above, below = compared(RelativePosition.MORE), compared(RelativePosition.LESS)
    assert above + below == count(everything) and above > 0 and below > 0
    shapes = []
    for field in (StockField.MA_ALIGNMENT_LONG, StockField.MA_ALIGNMENT_SHORT):
        shape = PatternFilter()
        shape.ktype, shape.stock_field, shape.is_no_filter = KLType.K_DAY, field, False
        shapes.append(count(shape))
    assert sum(shapes) < above + below


def test_lists_of_the_user(quotes):
    groups = good(quotes.get_user_security_group(UserSecurityGroupType.CUSTOM))
    name = groups["group_name"][0]
    good(quotes.modify_user_security(name, ModifyUserSecurityOp.ADD, ["HK.00700", "US.AAPL"]))
    assert set(good(quotes.get_user_security(name))["code"]) == {"HK.00700", "US.AAPL"}
    good(quotes.modify_user_security(name, ModifyUserSecurityOp.DEL, ["HK.00700", "US.AAPL"]))
    assert len(good(quotes.get_user_security(name))) == 0
    refused(quotes.get_user_security("no such group"))


class Reminders(PriceReminderHandlerBase):
    def __init__(self):
        super().__init__()
        self.got = []

    def on_recv_rsp(self, packet):
        answer = super().on_recv_rsp(packet)
        self.got.append(good(answer))
        return answer


def test_reminders_are_kept_and_told(quotes):
    handler = Reminders()
    quotes.set_handler(handler)
    key = good(quotes.set_price_reminder(
        "HK.00005", SetPriceReminderOp.ADD, reminder_type=PriceReminderType.PRICE_UP,
        reminder_freq=PriceReminderFreq.ALWAYS, value=1.0, note="a note"))
    table = good(quotes.get_price_reminder("HK.00005"))
    assert key in list(table["key"])
    got = until(lambda: [entry for entry in handler.got if entry["key"] == key])[0]
    assert got["code"] == "HK.00005" and got["note"] == "a note"
    good(quotes.set_price_reminder("HK.00005", SetPriceReminderOp.DEL_ALL))
    assert len(good(quotes.get_price_reminder("HK.00005"))) == 0


def test_the_user(quotes):
    user = good(quotes.get_user_info())
    assert user["hk_qot_right"]
