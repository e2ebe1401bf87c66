"""Queues, past candles, figures and calendars, as a caller of the HTTP API gets them from the simulated broker."""

import datetime

import pytest

from judged import ask


def test_a_broker_queue_names_its_seats(bridge):
    queue = ask(bridge, "/v1/broker-queue/700.HK?max_age_ms=0")
    assert queue["symbol"] == "700.HK" and queue["bids"][0]["position"] == 1
    seats = [seat for row in queue["bids"] + queue["asks"] for seat in row["brokers"]]
    assert seats and all(seat["name"] for seat in seats)
    assert ask(bridge, "/v1/broker-queue/AAPL.US", 422)["code"] == "no_data"


def test_participants_have_a_tag_that_spares_the_body(bridge):
    status, headers, body = bridge.get("/v1/participants")
    assert status == 200 and any(entry["names"]["en"] == "HSBC" for entry in body["data"])
    tag = headers["ETag"]
    status, headers, empty = bridge.get("/v1/participants", headers={"If-None-Match": f'"other", {tag}'})
    assert status == 304 and empty == b"" and headers["ETag"] == tag
    status, _, _ = bridge.get("/v1/participants", headers={"If-None-Match": 'W/"other"'})
    assert status == 200
    ask(bridge, "/v1/participants")


def test_the_queue_is_a_stream_topic(bridge):
    stream = bridge.stream("topics=broker-queue:700.HK")
    pushed = next(event for event in stream.events(10) if event.name == "broker_queue")
    stream.close()
    assert pushed.data["symbol"] == "700.HK" and pushed.data["snapshot"] is True
    assert pushed.data["bids"][0]["brokers"]


def test_pages_of_history_follow_each_other_without_gap_or_repetition(bridge):
    path = "/v1/candles/700.HK/history?interval=1d&start=2026-01-01&end=2026-03-31&limit=25"
    starts, cursor = [], None
    for _ in range(10):
        page = ask(bridge, path + (f"&cursor={cursor}" if cursor else ""))
        assert all(candle["final"] for candle in page["data"])
        starts += [candle["start"] for candle in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert cursor is None
    whole = ask(bridge, "/v1/candles/700.HK/history?interval=1d&start=2026-01-01&end=2026-03-31&limit=1000")
    assert starts == [candle["start"] for candle in whole["data"]]
    assert starts == sorted(starts, reverse=True) and len(starts) > 50
    assert whole["quota"]["limit"] == 100 and whole["quota"]["used_by_bridge"] >= 1


def test_history_before_and_after_a_time_meet(bridge):
    middle = "2026-03-02T02:30:00Z"
    older = ask(bridge, f"/v1/candles/700.HK/history?interval=15m&before={middle}&limit=3")["data"]
    newer = ask(bridge, f"/v1/candles/700.HK/history?interval=15m&after=2026-03-02T02:15:00Z&limit=3")["data"]
    assert older[0]["start"].startswith("2026-03-02T02:15") and newer[-1]["start"].startswith("2026-03-02T02:30")
    assert len(older) == 3 and len(newer) == 3


def test_history_tells_what_it_cost(bridge):
    first = ask(bridge, "/v1/candles/1398.HK/history?interval=1w&limit=5&max_age_ms=0")
    again = ask(bridge, "/v1/candles/1398.HK/history?interval=1w&limit=5&max_age_ms=0")
    assert first["quota"]["counted"] is True and again["quota"]["counted"] is False
    problem = ask(bridge, "/v1/candles/700.HK/history?interval=1d&start=2026-01-01&before=2026-01-01T00:00:00Z", 400)
    assert problem["code"] == "invalid_field"


def test_indicators_are_complete_and_null_where_they_do_not_apply(bridge):
    answer = ask(bridge, "/v1/indicators?symbols=700.HK,HSI.HK,NOPE.HK")
    tencent = answer["data"][0]
    assert len(tencent) == 41 and float(tencent["pe_ttm"]) > 0 and tencent["strike"] is None
    unknown = answer["errors"][0]["problem"]
    assert (unknown["code"], unknown["field"]) == ("invalid_symbol", "symbols")
    assert ask(bridge, "/v1/indicators?symbols=NOPE.HK", 422)["field"] == "symbols"
    few = ask(bridge, "/v1/indicators?symbols=AAPL.US&fields=last,market_value")["data"][0]
    assert sorted(few) == ["last", "market_value", "symbol"]
    assert "pe_ttm" in ask(bridge, "/v1/indicators?symbols=AAPL.US&fields=nonsense", 400)["suggestions"]


def test_capital_adds_up(bridge):
    distribution = ask(bridge, "/v1/capital-distribution/700.HK")
    assert distribution["meta"]["as_of"] == distribution["timestamp"]
    flow = ask(bridge, "/v1/capital-flow/700.HK")
    assert flow["data"] and flow["time_zone"] == "Asia/Hong_Kong"


def test_markets_know_their_state_hours_and_days(bridge):
    markets = {market["market"]: market for market in ask(bridge, "/v1/markets")["data"]}
    assert set(markets) == {"HK", "US", "SH", "SZ", "SG"}
    assert all(market["state"] == "regular" for market in markets.values()), "the simulation is always open"
    assert ask(bridge, "/v1/markets/HK/sessions")["data"][0]["session"] == "regular"
    days = ask(bridge, "/v1/markets/HK/calendar?start=2026-12-01&end=2026-12-31")["data"]
    assert {"date": "2026-12-24", "kind": "half"} in days and all(day["date"] != "2026-12-25" for day in days)
    assert ask(bridge, "/v1/markets/CN/calendar", 422)["suggestions"] == ["SH", "SZ"]
    today = datetime.date.today()
    ask(bridge, f"/v1/markets/US/calendar?start={today}&end={today + datetime.timedelta(days=300)}")


def test_a_quote_of_the_united_states_has_every_session(bridge):
    quote = ask(bridge, "/v1/quotes?symbols=AAPL.US&max_age_ms=0")["data"][0]
    for session in ("pre_market", "post_market", "overnight"):
        assert float(quote[session]["low"]) <= float(quote[session]["last"]) <= float(quote[session]["high"])
    assert ask(bridge, "/v1/quotes?symbols=700.HK&max_age_ms=0")["data"][0]["overnight"] is None


def test_a_quote_is_as_of_its_own_time(bridge):
    answer = ask(bridge, "/v1/quotes?symbols=700.HK&max_age_ms=0")
    assert answer["meta"]["as_of"] == answer["data"][0]["timestamp"]


def test_instruments_say_the_steps_of_prices(bridge):
    entries = {entry["symbol"]: entry for entry in ask(bridge, "/v1/instruments?symbols=700.HK,2800.HK,AAPL.US,HSI.HK")["data"]}
    assert entries["AAPL.US"]["tick_size"] == "0.01" and entries["700.HK"]["tick_size"] is None
    assert {"below": "500", "step": "0.2"} in entries["700.HK"]["tick_table"]
    assert entries["2800.HK"]["tick_table"] is None and entries["HSI.HK"]["tick_table"] is None
    price = float(ask(bridge, "/v1/quotes?symbols=700.HK")["data"][0]["last"])
    band = next(row for row in entries["700.HK"]["tick_table"] if row["below"] is None or price < float(row["below"]))
    assert abs(price / float(band["step"]) - round(price / float(band["step"]))) < 1e-6


def test_the_broker_is_asked_what_it_holds(bridge):
    stream = bridge.stream("topics=depth:5.HK,trade:5.HK")
    for event in stream.events(10):
        if event.name == "trade":
            break
    entry = ask(bridge, "/v1/subscriptions?upstream=true")["data"][0]
    assert {"depth:5.HK", "trade:5.HK"} <= set(entry["upstream"])
    assert ask(bridge, "/v1/subscriptions")["data"][0]["upstream"] is None
    stream.close()


def test_subscriptions_show_what_the_account_may_see(bridge):
    entry = ask(bridge, "/v1/subscriptions")["data"][0]
    assert {package["key"] for package in entry["permissions"]["packages"]} >= {"hk_level2", "us_basic"}


@pytest.mark.parametrize("path", [
    "/v1/sectors?market=HK", "/v1/sectors/BK1910.HK/securities", "/v1/instruments/700.HK/sectors",
    "/v1/instruments/700.HK/adjustments", "/v1/ipos?market=HK", "/v1/futures?symbols=HSIMAIN.HK",
])
def test_what_no_account_offers_is_501_and_says_so(bridge, path):
    separator = "&" if "?" in path else "?"
    alias = bridge.ready["accounts"][0]
    status, _, body = bridge.get(f"{path}{separator}account={alias}")
    assert status == 501 and body["code"] == "not_supported_by_broker"
