"""What needs a subscription: pulls and pushes, as the vendor's client reads them."""

import pytest
from futu import (
    BrokerHandlerBase, CurKlineHandlerBase, KLType, OrderBookHandlerBase, RTDataHandlerBase, StockQuoteHandlerBase,
    SubType, TickerHandlerBase,
)

from vendor_client import gateway, good, quotes, refused, simulated, until  # noqa: F401

SECURITIES = ["HK.00700", "HK.00005", "US.AAPL"]


def test_the_gateway_tells_its_state(quotes):
    state = good(quotes.get_global_state())
    assert state["qot_logined"] is True and state["trd_logined"] is True
    assert state["market_hk"] and state["server_ver"] == "1011"


def test_what_is_subscribed_can_be_pulled(quotes):
    kinds = [SubType.QUOTE, SubType.ORDER_BOOK, SubType.TICKER, SubType.RT_DATA, SubType.K_1M, SubType.K_DAY]
    good(quotes.subscribe(SECURITIES, kinds, subscribe_push=False))
    held = good(quotes.query_subscription())
    assert held["own_used"] == len(SECURITIES) * len(kinds)
    table = good(quotes.get_stock_quote(SECURITIES))
    assert sorted(table["code"]) == sorted(SECURITIES) and (table["last_price"] > 0).all()
    for code in SECURITIES:
        book = good(quotes.get_order_book(code, num=10))
        assert book["code"] == code and book["Ask"][0][0] > book["Bid"][0][0] > 0
        assert len(book["Ask"]) == (10 if code.startswith("HK") else len(book["Ask"]))
        ticks = good(quotes.get_rt_ticker(code, 1000))
        assert 0 < len(ticks) <= 1000
        sequence = list(ticks["sequence"])
        assert sequence == sorted(set(sequence)) and set(ticks["ticker_direction"]) <= {"BUY", "SELL", "NEUTRAL"}
        minutes = good(quotes.get_rt_data(code))
        assert (minutes["cur_price"] > 0).all() and len(minutes) > 0
        for kind in (KLType.K_1M, KLType.K_DAY):
            lines = good(quotes.get_cur_kline(code, 20, kind))
            assert len(lines) == 20 and list(lines["time_key"]) == sorted(lines["time_key"])
            assert (lines["high"] >= lines["low"]).all()


def test_brokers_queue_in_hong_kong(quotes):
    good(quotes.subscribe(["HK.00700"], [SubType.BROKER], subscribe_push=False))
    bid, ask = good(quotes.get_broker_queue("HK.00700"))
    assert len(bid) and len(ask) and (bid["bid_broker_id"] > 0).all()


def test_a_pull_needs_its_subscription(quotes):
    assert refused(quotes.get_rt_ticker("US.MSFT"))


def test_at_most_a_thousand_ticks_come(gateway, quotes):
    good(quotes.subscribe(["HK.00700"], [SubType.TICKER], subscribe_push=False))
    assert refused(quotes.get_rt_ticker("HK.00700", 1001))


def test_an_unknown_code_is_refused(quotes):
    reason = refused(quotes.subscribe(["HK.99999"], [SubType.QUOTE]))
    assert "99999" in reason


def test_a_subscription_is_held_for_a_minute(gateway, quotes):
    good(quotes.subscribe(["HK.00700"], [SubType.QUOTE]))
    assert refused(quotes.unsubscribe(["HK.00700"], [SubType.QUOTE]))
    gateway.bend(minimum_hold_ms=0)
    good(quotes.unsubscribe(["HK.00700"], [SubType.QUOTE]))
    assert refused(quotes.get_stock_quote(["HK.00700"]))


def test_the_quota_is_a_bound(gateway, quotes):
    gateway.bend(subscriptions=0)
    assert "quota" in refused(quotes.subscribe(["HK.00941"], [SubType.QUOTE]))


HANDLERS = [
    (StockQuoteHandlerBase, SubType.QUOTE), (OrderBookHandlerBase, SubType.ORDER_BOOK),
    (TickerHandlerBase, SubType.TICKER), (RTDataHandlerBase, SubType.RT_DATA), (CurKlineHandlerBase, SubType.K_1M),
]


def collector(base):
    class Collector(base):
        def __init__(self):
            super().__init__()
            self.got = []

        def on_recv_rsp(self, packet):
            answer = super().on_recv_rsp(packet)
            self.got.append(answer)
            return answer

    return Collector()


def test_what_is_subscribed_is_pushed_by_itself(quotes):
    handlers = []
    for base, _ in HANDLERS:
        handler = collector(base)
        handlers.append(handler)
        assert quotes.set_handler(handler) == 0
    good(quotes.subscribe(["HK.00700", "US.AAPL"], [kind for _, kind in HANDLERS]))
    for handler in handlers:
        until(lambda: len(handler.got) >= 4)
        for answer in handler.got:
            good(answer)


def test_brokers_are_pushed(quotes):
    handler = collector(BrokerHandlerBase)
    quotes.set_handler(handler)
    good(quotes.subscribe(["HK.00700"], [SubType.BROKER]))
    until(lambda: len(handler.got) >= 2)


def test_ticks_pushed_and_pulled_are_the_same(quotes):
    handler = collector(TickerHandlerBase)
    quotes.set_handler(handler)
    good(quotes.subscribe(["HK.00005"], [SubType.TICKER], is_first_push=False))
    until(lambda: len(handler.got) >= 5)
    pulled = {row["sequence"]: row for _, row in good(quotes.get_rt_ticker("HK.00005", 1000)).iterrows()}
    pushed = [row for answer in handler.got[:5] for _, row in good(answer).iterrows()]
    numbers = [row["sequence"] for row in pushed]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for row in pushed:
        other = pulled[row["sequence"]]
        assert (row["price"], row["volume"], row["time"]) == (other["price"], other["volume"], other["time"])


@pytest.mark.parametrize("session", ["ALL", "ETH"])
def test_the_hours_around_the_session_are_a_choice(quotes, session):
    good(quotes.subscribe(["US.AAPL"], [SubType.K_1M], subscribe_push=False, session=session))
    assert len(good(quotes.get_cur_kline("US.AAPL", 5, KLType.K_1M))) == 5
