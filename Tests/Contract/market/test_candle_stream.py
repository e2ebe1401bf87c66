"""Running candles and refused topics as a reader of the stream gets them."""

from judged import ask


def test_a_candle_runs_and_agrees_with_the_pull(bridge):
    stream = bridge.stream("topics=candle:700.HK@1m,candle:AAPL.US@1d")
    seen = {}
    for event in stream.events(20):
        if event.name == "candle":
            seen.setdefault(event.data["symbol"], []).append(event.data)
        if len(seen) == 2 and all(len(events) >= 3 for events in seen.values()):
            break
    stream.close()
    assert all(events[0]["snapshot"] is True for events in seen.values()), seen
    last = seen["700.HK"][-1]
    assert last["interval"] == "1m" and last["sessions"] == "regular"
    pulled = ask(bridge, "/v1/candles/700.HK?interval=1m&limit=5&max_age_ms=0")["data"]
    same = next(candle for candle in pulled if candle["start"] == last["start"])
    assert same["open"] == last["open"] and float(same["volume"]) >= float(last["volume"])
    subscribed = {topic["topic"] for topic in ask(bridge, "/v1/subscriptions")["data"][0]["topics"]}
    assert "candle:700.HK@1m" in subscribed


def test_a_second_reader_of_a_refused_topic_is_told_too(bridge):
    streams = []
    for _ in range(2):
        stream = bridge.stream("topics=quote:NOPE.HK,candle:NOPE.HK@1m")
        streams.append(stream)
        refused = set()
        for event in stream.events(10):
            if event.name == "subscription":
                refused |= {(entry["topic"], entry["problem"]["code"]) for entry in event.data["refused"]}
            if len(refused) == 2:
                break
        assert refused == {("quote:NOPE.HK", "invalid_symbol"), ("candle:NOPE.HK@1m", "invalid_symbol")}
    for stream in streams:
        stream.close()


def test_only_hong_kong_has_broker_queues(bridge):
    assert ask(bridge, "/v1/stream?topics=broker-queue:AAPL.US", 422)["code"] == "no_data"


def test_what_is_no_candle_topic_is_refused(bridge):
    for topic in ["candle:700.HK", "candle:700.HK@7m", "candle:700.HK@1m:some"]:
        assert ask(bridge, f"/v1/stream?topics={topic}", 422)["code"] == "invalid_topic"


def test_pushed_trades_carry_the_brokers_sequence(bridge):
    stream = bridge.stream("topics=trade:700.HK")
    sequences = []
    for event in stream.events(20):
        if event.name == "trade":
            sequences.append(event.data["sequence"])
        if len(sequences) >= 5:
            break
    stream.close()
    assert sequences == sorted(sequences) and all(sequences)
