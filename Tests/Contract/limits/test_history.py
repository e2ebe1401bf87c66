"""Past candles are asked for once, and the securities that count in a month are known after a restart."""

HISTORY = "/v1/candles/700.HK/history?interval=1d"


def calls(pair):
    return pair.broker.sandbox("GET", "counters")["calls"].get("historyCandlesticks", 0)


def candles(pair, query, source=None):
    status, headers, body = pair.bridge.get(f"{HISTORY}&{query}")
    assert status == 200, body
    if source:
        assert body["meta"]["source"] == source, body["meta"]
    return body


def test_a_stretch_that_is_known_is_not_asked_for_again(pair):
    whole = candles(pair, "start=2026-03-02&end=2026-06-30&limit=1000", "broker")
    assert whole["quota"]["counted"] and whole["quota"]["used_by_bridge"] == 1
    assert len(whole["data"]) > 60 and all(candle["final"] for candle in whole["data"])
    asked = calls(pair)
    part = candles(pair, "start=2026-04-01&end=2026-05-29&limit=1000", "cache")
    assert part["data"] == [c for c in whole["data"] if "2026-03-31T16" <= c["start"] < "2026-05-29T16"]
    assert not part["quota"]["counted"] and part["quota"]["used_by_bridge"] == 1
    # Pages go on as they do at the broker.
    page = candles(pair, "start=2026-04-01&end=2026-05-29&limit=10", "cache")
    assert page["data"] == part["data"][:10]
    cursor = page["next_cursor"]
    following = candles(pair, f"start=2026-04-01&end=2026-05-29&limit=10&cursor={cursor}", "cache")
    assert following["data"] == part["data"][10:20]
    assert calls(pair) == asked
    # What is not known is asked for, and so is everything where the caller wants it so.
    candles(pair, "start=2026-02-02&end=2026-03-20&limit=1000", "broker")
    candles(pair, "start=2026-04-01&end=2026-05-29&limit=1000&max_age_ms=0", "broker")
    assert calls(pair) == asked + 2
    # Both stretches are one now.
    joined = candles(pair, "start=2026-02-10&end=2026-04-30&limit=1000", "cache")
    assert calls(pair) == asked + 2
    assert pair.bridge.get(f"{HISTORY}&start=2026-02-10&end=2026-04-30&limit=1000&max_age_ms=0")[2]["data"] == joined["data"]


def test_it_is_known_after_a_restart_and_the_month_is_paid_for(pair):
    before = candles(pair, "start=2026-03-02&end=2026-03-31&limit=100", "broker")
    asked = calls(pair)
    pair.kill()
    pair.start()
    after = candles(pair, "start=2026-03-02&end=2026-03-31&limit=100", "cache")
    assert after["data"] == before["data"] and calls(pair) == asked
    assert after["quota"]["used_by_bridge"] == 1
    newer = candles(pair, "start=2026-05-04&end=2026-05-29&limit=100", "broker")
    assert not newer["quota"]["counted"] and newer["quota"]["used_by_bridge"] == 1
    limits = pair.bridge.get("/v1/limits")[2]["accounts"][0]["policies"]
    symbols = next(limit for limit in limits if limit["name"] == "history-symbols")
    assert symbols["used"] == 1 and symbols["limit"] == 100 and symbols["level"] == "opened"


def test_a_used_up_quota_is_asked_about_once_a_day(pair):
    pair.control("limit", history_symbols=1)
    candles(pair, "start=2026-03-02&end=2026-03-31", "broker")
    asked = calls(pair)
    for symbol in ("5.HK", "5.HK", "AAPL.US"):
        status, _, problem = pair.bridge.get(f"/v1/candles/{symbol}/history?interval=1d&start=2026-03-02&end=2026-03-31")
        assert status == 429 and problem["code"] == "quota_exceeded", problem
    assert calls(pair) == asked + 1
    candles(pair, "start=2026-04-01&end=2026-04-30", "broker")
