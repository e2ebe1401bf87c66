"""The stream as a consumer sees it, over the brokers' own wire."""

import json
import time
import uuid

TOPICS = "topics=quote:700.HK,depth:700.HK,trade:700.HK,quote:AAPL.US,session:*"


def test_hello_then_a_snapshot_then_live_quotes_within_a_second(bridge):
    # The program's share of it is what counts: on a busy machine some readers wait for the processor.
    waits = [wait_for_live_quotes(bridge) for _ in range(5)]
    assert min(waits) < 1_000_000_000, waits


def wait_for_live_quotes(bridge):
    began = time.monotonic_ns()
    stream = bridge.stream("topics=quote:700.HK,quote:AAPL.US")
    seen = []
    for event in stream.events(20):
        seen.append(event)
        live = [e for e in seen if e.name == "quote" and not e.data.get("snapshot")]
        if live:
            break
    stream.close()
    assert seen[0].name == "hello"
    assert seen[0].data["stream_id"] and "server_time" in seen[0].data
    quotes = [e for e in seen if e.name == "quote"]
    assert quotes[0].data["snapshot"] is True
    assert live, seen
    assert all(e.id for e in seen)
    assert isinstance(live[0].data["last"], str)
    return live[0].arrived - began


def test_depth_and_trades_arrive_and_agree_with_the_pull(bridge):
    stream = bridge.stream("topics=depth:700.HK,trade:700.HK")
    names = set()
    for event in stream.events(10):
        names.add(event.name)
        if event.name == "depth":
            best = event.data["bids"][0], event.data["asks"][0]
            assert float(best[0]["price"]) < float(best[1]["price"])
        if {"depth", "trade"} <= names:
            break
    stream.close()
    assert {"hello", "depth", "trade"} <= names
    status, _, trades = bridge.get("/v1/trades/700.HK?limit=5")
    assert status == 200 and 1 <= len(trades["data"]) <= 5


def test_a_heartbeat_or_event_keeps_the_stream_alive_and_resuming_goes_on(bridge):
    stream = bridge.stream("topics=quote:700.HK")
    last = None
    for event in stream.events(5):
        last = event
        if event.name == "quote" and not event.data.get("snapshot"):
            break
    stream.close()
    resumed = bridge.stream("topics=quote:700.HK", headers={"Last-Event-ID": last.id})
    ids = [last.id]
    for event in resumed.events(5):
        if event.name == "hello":
            assert event.data["replay_from"] is not None
            continue
        assert event.id not in ids
        ids.append(event.id)
        if len(ids) > 3:
            break
    resumed.close()
    assert len(ids) > 3


def test_the_bridge_is_back_after_each_of_a_hundred_killed_sockets(fresh_bridge):
    account = fresh_bridge.ready["accounts"][0]
    account = account if isinstance(account, str) else account["alias"]
    stream = fresh_bridge.stream(f"topics=quote:700.HK,session:{account}")
    kills, gaps, sessions = 0, 0, []
    began = time.monotonic()
    live = False
    for event in stream.events(400):
        if event.name == "gap":
            gaps += 1
        elif event.name == "session":
            sessions.append(event.data["state"])
        elif event.name == "quote":
            # A quote that was under way when the socket broke does not count: the gap comes first.
            live = gaps == kills
        if live:
            if kills == 100:
                break
            fresh_bridge.sandbox("POST", "drop")
            kills += 1
            live = False
    stream.close()
    print(f"{kills} kills in {time.monotonic() - began:.1f} s, {gaps} gaps, {len(sessions)} session events")
    assert kills == 100 and live
    assert gaps == 100
    assert sessions.count("ready") >= 100
    status, _, session = fresh_bridge.get(f"/v1/accounts/{account}/session")
    assert status == 200
    assert session["links"][0]["state"] == "ready", session
    assert session["links"][0]["subscriptions_used"] >= 1, session


def test_figures_of_a_subscription_that_ended_are_not_given_out_as_live(bridge):
    stream = bridge.stream("topics=quote:2800.HK")
    for event in stream.events(10):
        if event.name == "quote":
            break
    status, _, live = bridge.get("/v1/quotes?symbols=2800.HK&account=sandbox")
    assert status == 200 and live["meta"]["source"] == "push"
    stream.close()
    watcher = bridge.stream("topics=quote:5.HK")
    for _ in watcher.events(20):
        # Each event is a moment to look again; the topic is given back some seconds after its last reader left.
        _, _, later = bridge.get("/v1/quotes?symbols=2800.HK&account=sandbox")
        if later["meta"]["source"] != "push":
            break
    watcher.close()
    assert later["meta"]["source"] in ("broker", "cache")


def readers_of(bridge, topic):
    """How many streams read a topic; absent once it is given back to the broker."""
    accounts = bridge.get("/v1/subscriptions")[2]["data"]
    return next((entry["readers"] for account in accounts for entry in account["topics"] if entry["topic"] == topic), None)


def test_a_stream_that_ends_in_its_own_beginning_leaves_nothing_behind(bridge):
    """`max_events` may be reached by the hello or the snapshots: then no turn of the loop has seen the stream open."""
    topic = "depth:9988.HK"
    keeper = bridge.stream(f"topics={topic}")
    for event in keeper.events(20):
        if event.name == "depth":
            break
    for count in (1, 2, 3):
        stream = bridge.stream(f"topics={topic}&max_events={count}")
        assert len(list(stream.events(20))) == count
        stream.close()
    assert readers_of(bridge, topic) == 1
    short = bridge.stream("topics=depth:3690.HK,quote:3690.HK&max_events=1")
    assert [event.name for event in short.events(20)] == ["hello"]
    short.close()
    keeper.close()
    # The moments to look again are the events of another stream.
    watcher = bridge.stream("topics=quote:700.HK,trade:700.HK,depth:700.HK,depth:5.HK")
    left = (topic, "depth:3690.HK", "quote:3690.HK")
    for _ in watcher.events(30):
        if all(readers_of(bridge, each) is None for each in left):
            break
    watcher.close()
    assert [readers_of(bridge, each) for each in left] == [None, None, None]


ORDER = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}


def placed(bridge):
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    status, _, order = bridge.request("POST", "/v1/accounts/sandbox/orders", headers=headers, body=json.dumps(ORDER))
    assert status == 201, order
    return order["id"]


def cut_after(bridge, topics, position, count):
    """What a reader has who comes with a position and is cut off after so many events, and the position it then has."""
    stream = bridge.stream(f"topics={topics}&max_events={count}", headers={"Last-Event-ID": position})
    events = list(stream.events(20))
    stream.close()
    assert events[0].name == "hello" and len(events) == count, events
    return events, next((event.id for event in reversed(events) if event.id), position)


def test_a_reader_cut_off_in_the_beginning_of_each_stream_loses_no_order(bridge):
    """The hello comes before what is given back of the past, and quotes of the past before the orders."""
    topics = "orders:sandbox,quote:700.HK"
    stream = bridge.stream(f"topics={topics}")
    for event in stream.events(20):
        start = event.id
        if event.name == "quote" and not event.data.get("snapshot"):
            break
    orders = [placed(bridge) for _ in range(2)]
    watcher = bridge.stream("topics=quote:700.HK")
    for event in watcher.events(20):
        if event.name == "quote" and not event.data.get("snapshot"):
            break
    watcher.close()
    status, _, journal = bridge.get(f"/v1/accounts/sandbox/events?after={start.split('-')[2]}&limit=200")
    expected = [(e["data"]["id"], e["data"]["version"]) for e in journal["data"] if e["event"] == "order"]
    assert status == 200 and set(orders) <= {order for order, _ in expected}, journal
    seen, position, count = [], start, 0
    while len(told(seen)) < len(expected):
        # Cut off each time: behind the hello alone, then behind a quote of the past, and so on.
        count += 1
        assert count < 60, (seen, expected)
        events, position = cut_after(bridge, topics, position, min(count, 3))
        seen += events
    stream.close()
    assert told(seen)[:len(expected)] == expected
    for order in orders:
        assert bridge.request("DELETE", f"/v1/accounts/sandbox/orders/{order}")[0] in (200, 202)


def told(events):
    """Each state of each order, in the order of the stream."""
    return [(event.data["id"], event.data["version"]) for event in events if event.name == "order"]


def test_a_reader_cut_off_behind_the_hello_misses_no_quote(bridge):
    keeper = bridge.stream("topics=trade:700.HK")
    trades = [event for _, event in zip(range(7), (e for e in keeper.events(30) if e.name == "trade"))]
    start = next(event.id for event in trades if event.id)
    whole, _ = cut_after(bridge, "trade:700.HK", start, 5)
    _, position = cut_after(bridge, "trade:700.HK", start, 1)
    assert position == start
    first, position = cut_after(bridge, "trade:700.HK", position, 3)
    second, _ = cut_after(bridge, "trade:700.HK", position, 3)
    keeper.close()
    assert [event.id for event in first[1:] + second[1:]] == [event.id for event in whole[1:]]


def test_lines_of_json_are_all_of_one_form(bridge):
    status, _, key = bridge.request(
        "POST", "/v1/keys", headers={"Content-Type": "application/json"},
        body=json.dumps({"name": f"lines-{uuid.uuid4().hex[:8]}", "scopes": ["market:read"], "accounts": ["sandbox"]}))
    assert status == 201
    connection = bridge.connection(30)
    connection.request(
        "GET", "/v1/stream?topics=quote:700.HK&format=ndjson", headers={"Authorization": f"Bearer {key['key']}"})
    response = connection.getresponse()
    lines = [json.loads(response.readline()) for _ in range(3)]
    assert bridge.request("DELETE", f"/v1/keys/{key['id']}")[0] == 204
    lines += [json.loads(line) for line in response.read().splitlines()]
    response.close()
    connection.close()
    assert all(set(line) == {"id", "event", "data"} for line in lines), lines
    assert lines[0]["event"] == "hello" and lines[-1]["event"] == "bye"
    last = [line["id"] for line in lines if line["id"]][-1]
    assert lines[-1] == {"id": None, "event": "bye", "data": {"reason": "revoked", "resume_from": last}}
