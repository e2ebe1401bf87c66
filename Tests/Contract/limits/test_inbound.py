"""What a key may ask of the bridge: rates, calls under way, streams and topics, and what answers say of them."""

import hashlib
import re
import threading

import pytest

KEY = "bb_" + "E" * 43
POLICY = re.compile(r'"([a-z]+)";q=(\d+);w=(\d+)(?:, "([a-z0-9/-]+)";q=\d+;w=\d+)?$')
STANDING = re.compile(r'"([a-z]+)";r=(\d+);t=(\d+)(?:, "([a-z0-9/-]+)";r=\d+;t=\d+)?$')


@pytest.fixture
def limited(start, tmp_path):
    path = tmp_path / "bridge.yaml"
    path.write_text(
        "limits:\n"
        "  rates: {market: 20/s, account: 50/s, admin: 3/m}\n"
        "  concurrency: {market: 2}\n"
        "  topics_per_key: 3\n"
        "keys:\n"
        "  - name: second\n"
        f"    hash: sha256:{hashlib.sha256(KEY.encode()).hexdigest()}\n"
        "    scopes: [market:read, account:read]\n"
        "    accounts: all\n"
        "    streams: 1\n"
    )
    path.chmod(0o600)
    with start("serve", "--sandbox", "--config", str(path)) as bridge:
        yield bridge


def test_every_answer_to_a_known_key_says_where_it_stands(bridge):
    paths = [
        ("/v1/quotes?symbols=700.HK", 200), ("/v1/quotes?symbols=700.HK&max_age_ms=0", 200), ("/v1/quotes", 400),
        ("/v1/accounts", 200), ("/v1/accounts/nobody", 404), ("/v1/audit/verify", 200),
    ]
    for path, expected in paths:
        status, headers, _ = bridge.get(path)
        assert status == expected, path
        policy, standing = POLICY.match(headers["RateLimit-Policy"]), STANDING.match(headers["RateLimit"])
        assert policy and standing, (path, dict(headers))
        assert policy[1] == standing[1] and policy[4] == standing[4]
        assert 0 <= int(standing[2]) <= int(policy[2])
    status, headers, _ = bridge.get("/v1/accounts", headers={"Authorization": "Bearer bb_" + "x" * 43})
    assert status == 401 and "RateLimit" not in headers
    stream = bridge.stream("topics=quote:700.HK")
    assert POLICY.match(stream.response.headers["RateLimit-Policy"])[1] == "market"
    stream.close()


def test_a_used_up_rate_is_told_truly_and_is_the_keys_own(limited):
    refused = None
    for _ in range(200):
        status, headers, body = limited.get("/v1/audit/verify")
        if status == 429:
            refused = headers, body
            break
    assert refused, "never refused"
    headers, body = refused
    assert body["code"] == "rate_limited" and body["retryable"]
    assert headers["RateLimit-Policy"] == '"admin";q=3;w=60' and headers["RateLimit"].startswith('"admin";r=0;t=')
    wait = int(headers["Retry-After"])
    # One comes back every 20 s.
    assert 1 <= wait <= 20 and 0 < body["retry_after_ms"] <= wait * 1000
    # Other classes, and other keys, have their own.
    assert limited.get("/v1/accounts")[0] == 200
    status, headers, _ = limited.get("/v1/quotes?symbols=700.HK", headers={"Authorization": f"Bearer {KEY}"})
    assert status == 200 and headers["RateLimit"].startswith('"market";r=19;')


def test_the_call_succeeds_after_the_time_told(limited):
    end = None
    for _ in range(5000):
        status, headers, _ = limited.get("/v1/quotes?symbols=700.HK")
        if status == 429:
            end = int(headers["Retry-After"])
            break
    assert end is not None, "never refused"
    threading.Event().wait(end)
    assert limited.get("/v1/quotes?symbols=700.HK")[0] == 200


def test_calls_under_way_are_bounded(limited):
    limited.sandbox("POST", "faults", {"answer_delay_ms": 3000})
    statuses = []

    def ask(symbol):
        statuses.append(limited.get(f"/v1/depth/{symbol}?max_age_ms=0", timeout=30)[0])

    threads = [threading.Thread(target=ask, args=(symbol,)) for symbol in ("700.HK", "9988.HK", "AAPL.US", "5.HK")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 429, 429]


def test_streams_and_topics_are_bounded_for_each_key(limited):
    def is_served(query, key=None):
        headers = {"Authorization": f"Bearer {key}"} if key else None
        stream = limited.stream(query, headers=headers)
        first = next(iter(stream.events(5)), None)
        return stream, first is not None and first.name == "hello"

    one, served = is_served("topics=quote:700.HK,quote:AAPL.US")
    assert served
    two, served = is_served("topics=depth:700.HK,depth:AAPL.US")
    assert not served
    status, headers, answer = limited.get("/v1/stream?topics=depth:700.HK,depth:AAPL.US&format=ndjson")
    assert (status, answer["code"]) == (503, "overloaded") and int(headers["Retry-After"]) >= 1, answer
    three, served = is_served("topics=depth:700.HK")
    assert served
    four, served = is_served("topics=quote:700.HK", KEY)
    assert served
    five, served = is_served("topics=quote:AAPL.US", KEY)
    assert not served
    for stream in (one, two, three, four, five):
        stream.close()
