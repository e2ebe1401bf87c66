"""Rates of single endpoints, and caps of keys that were made while the bridge runs."""

import json

import pytest

from judged import ask
from test_inbound import STANDING


@pytest.fixture
def bridge(start, tmp_path):
    path = tmp_path / "bridge.yaml"
    path.write_text(
        "limits:\n  endpoints:\n    GET /v1/version: 2/h\n    GET /v1/accounts/{account}/balances: 100/m\n"
        "    GET /v1/accounts/{account}/longbridge/{path}: 1/h\n")
    path.chmod(0o600)
    with start("serve", "--sandbox", "--config", str(path)) as bridge:
        yield bridge


def create(bridge, name, **fields):
    body = {"name": name, "scopes": ["market:read", "account:read"], "accounts": ["sandbox"], **fields}
    status, _, made = bridge.request(
        "POST", "/v1/keys", headers={"Content-Type": "application/json"}, body=json.dumps(body))
    return status, made


def using(made):
    return {"Authorization": f"Bearer {made['key']}"}


def test_an_endpoint_counts_for_itself(bridge):
    for left in (1, 0):
        status, headers, _ = bridge.get("/v1/version")
        assert status == 200 and headers["RateLimit-Policy"] == '"GET:/v1/version";q=2;w=3600'
        assert headers["RateLimit"].startswith(f'"GET:/v1/version";r={left};t=')
    for method in ("GET", "HEAD"):
        status, headers, body = bridge.request(method, "/v1/version")
        assert status == 429 and 1 <= int(headers["Retry-After"]) <= 1800
        assert headers["RateLimit"].startswith('"GET:/v1/version";r=0;t=')
        if method == "GET":
            assert body["code"] == "rate_limited" and "GET /v1/version" in body["detail"]
    # The rest of its class goes on, with the class's count untouched by it.
    status, headers, _ = bridge.get("/v1/accounts")
    assert status == 200 and STANDING.match(headers["RateLimit"])[1] == "account"
    # An answer that takes time, and names the broker's limit too.
    status, headers, _ = bridge.get("/v1/accounts/sandbox/balances")
    assert status == 200
    assert headers["RateLimit"].startswith('"GET:/v1/accounts/:account/balances";r=99;t=')
    assert '"sandbox/trade/read";r=' in headers["RateLimit"]
    # One that takes the rest of the path.
    statuses = [bridge.get(f"/v1/accounts/sandbox/longbridge/v1/{name}")[0] for name in ("quote/a", "asset/b")]
    assert statuses[0] != 429 and statuses[1] == 429
    standing = ask(bridge, "/v1/limits")["key"]["endpoints"]
    assert [(limit["endpoint"], limit["used"], limit["limit"]) for limit in standing] == [
        ("GET /v1/accounts/{account}/balances", 1, 100), ("GET /v1/accounts/{account}/longbridge/{path}", 1, 1),
        ("GET /v1/version", 2, 2)]


def test_a_key_has_rates_and_caps_of_its_own(bridge):
    status, made = create(
        bridge, "bounded", endpoints={"GET /v1/version": "3/h"}, concurrency={"market": 7}, streams=1, topics=2)
    assert status == 201, made
    own = ask(bridge, "/v1/keys/self", headers=using(made))
    assert own["endpoints"] == {"GET /v1/version": "3/h"} and own["concurrency"] == {"market": 7}
    assert (own["streams"], own["topics"]) == (1, 2)
    assert [bridge.get("/v1/version", headers=using(made))[0] for _ in range(4)] == [200, 200, 200, 429]
    assert bridge.get("/v1/version")[0] == 200
    key = ask(bridge, "/v1/limits", headers=using(made))["key"]
    market = next(policy for policy in key["policies"] if policy["name"] == "market")
    assert (market["at_once"]["limit"], key["streams"]["limit"], key["topics"]["limit"]) == (7, 1, 2)

    def is_served(query):
        stream = bridge.stream(query, headers=using(made))
        first = next(iter(stream.events(5)), None)
        return stream, first is not None and first.name == "hello"

    one, served = is_served("topics=quote:700.HK")
    two, too_many = is_served("topics=quote:700.HK")
    assert served and not too_many
    one.close()
    two.close()
    listed = ask(bridge, "/v1/keys")["data"]
    assert next(key for key in listed if key["name"] == "bounded")["endpoints"] == {"GET /v1/version": "3/h"}


def test_wrong_bounds_are_refused_by_field(bridge):
    cases = [
        ({"endpoints": {"GET /v1/versions": "3/h"}}, "/endpoints"), ({"endpoints": {"GET /v1/version": "x"}}, "/endpoints"),
        ({"endpoints": {"GET /healthz": "1/s"}}, "/endpoints"), ({"endpoints": []}, "/endpoints"),
        ({"streams": -1}, "/streams"), ({"topics": "many"}, "/topics"), ({"concurrency": {"market": 0}}, "/concurrency/market"),
        ({"concurrency": {"quotes": 1}}, "/concurrency/quotes"), ({"concurrency": 3}, "/concurrency"),
    ]
    for fields, field in cases:
        status, problem = create(bridge, "wrong", **fields)
        assert (status, problem["field"]) == (400, field), (fields, problem)
    assert create(bridge, "wrong", endpoints={"GET /v1/versions": "3/h"})[1]["suggestions"] == ["GET /v1/version"]
