"""A bridge before the simulated OpenD: the same questions to accounts of two brokers, and what only one of them has."""

import hashlib
import json
import pathlib
import tempfile
import threading
import time

import pytest

from conftest import KEY_OF_TESTS, running
from judged import ask
from vendor_client import Gateway, futu, good

LONGBRIDGE, FUTU = "sandbox", "sandbox-futu"
LIMIT = 20.0


@pytest.fixture(scope="module")
def bridge():
    with running("serve", "--sandbox") as started:
        until(lambda: link(started)["state"] == "ready")
        yield started
        started.sandbox("POST", "opend", {"reset": True})


def until(condition):
    end, pause = time.monotonic() + LIMIT, threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.02)


def link(bridge, account=FUTU):
    links = bridge.get(f"/v1/accounts/{account}/session")[2]["links"]
    return next(entry for entry in links if entry["link"] == "opend")


def shape(value):
    """The names of all members; a list is what its first element is."""
    if isinstance(value, dict):
        # What a broker said in its own words differs; so does who answered.
        return {name: shape(member) for name, member in value.items() if name not in ("meta", "upstream")}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


BOTH = [
    "/v1/depth/700.HK", "/v1/broker-queue/700.HK", "/v1/trades/700.HK?limit=20", "/v1/trades/AAPL.US?limit=3",
    "/v1/intraday/700.HK", "/v1/intraday/AAPL.US", "/v1/candles/700.HK?interval=1m&limit=5",
    "/v1/candles/AAPL.US?interval=1m&limit=5", "/v1/candles/AAPL.US?interval=1d&limit=5&adjust=forward",
    "/v1/candles/700.HK?interval=1h&limit=5&sessions=all", "/v1/markets", "/v1/markets/HK/sessions",
    "/v1/markets/HK/calendar?start=2026-10-01&end=2026-10-09", "/v1/quotes?symbols=700.HK,5.HK&max_age_ms=0",
    "/v1/quotes?symbols=700.HK,99999.HK&max_age_ms=0", "/v1/indicators?symbols=700.HK&fields=last,pe_ttm,turnover_rate",
    "/v1/candles/700.HK/history?interval=1d&start=2026-09-01&end=2026-09-30",
    "/v1/candles/AAPL.US/history?interval=1h&limit=20", "/v1/capital-flow/700.HK", "/v1/capital-distribution/700.HK",
    "/v1/options/AAPL.US/expirations", "/v1/warrants/700.HK?limit=5", "/v1/accounts/{account}/balances",
    "/v1/accounts/{account}/positions", "/v1/accounts/{account}/orders?status=all&limit=3",
]


@pytest.mark.parametrize("path", BOTH)
def test_both_brokers_answer_alike(bridge, path):
    def answer(account):
        if "{account}" in path:
            return ask(bridge, path.replace("{account}", account))
        return ask(bridge, f"{path}{'&' if '?' in path else '?'}account={account}")

    one, other = answer(LONGBRIDGE), answer(FUTU)
    assert shape(one) == shape(other)
    assert "meta" not in other or other["meta"]["broker"] == "futu"


@pytest.mark.parametrize("path", ["/v1/candles/700.HK?interval=45m", "/v1/participants", "/v1/markets/HK/temperature"])
def test_what_the_broker_has_none_of_is_501(bridge, path):
    mark = "&" if "?" in path else "?"
    assert ask(bridge, f"{path}{mark}account={FUTU}", 501)["code"] == "not_supported_by_broker"


def test_options_of_both_brokers_have_one_form(bridge):
    expiries = [ask(bridge, f"/v1/options/AAPL.US/expirations?account={one}")["data"] for one in (LONGBRIDGE, FUTU)]
    assert expiries[0] == expiries[1]
    chains = [
        ask(bridge, f"/v1/options/AAPL.US/chain?expiry={expiries[0][0]}&account={one}")["data"] for one in (LONGBRIDGE, FUTU)
    ]
    assert [row["call"] for row in chains[0]] == [row["call"] for row in chains[1]]
    call = chains[0][len(chains[0]) // 2]["call"]
    one, other = (ask(bridge, f"/v1/options/quotes?symbols={call}&account={name}") for name in (LONGBRIDGE, FUTU))
    assert shape(one) == shape(other)
    mine, theirs = (answer["data"][0] for answer in (one, other))
    assert mine["strike"] and float(mine["strike"]) == float(theirs["strike"])
    assert float(mine["implied_volatility"]) == pytest.approx(float(theirs["implied_volatility"]), abs=0.01)


def test_figures_of_both_brokers_are_the_same(bridge):
    path = "/v1/candles/700.HK/history?interval=1d&start=2026-09-01&end=2026-09-30"
    one, other = (ask(bridge, f"{path}&account={name}")["data"] for name in (LONGBRIDGE, FUTU))
    assert len(one) > 15

    def figures(bars):
        return [(bar["start"], *(float(bar[name]) for name in ("open", "high", "low", "close", "volume"))) for bar in bars]

    assert figures(one) == figures(other)


def test_price_alerts_live_at_the_broker(bridge):
    path = f"/v1/accounts/{FUTU}/price-alerts"
    body = {"symbol": "700.HK", "condition": "price_above", "value": "900.5", "frequency": "daily"}
    made = ask(bridge, path, 201, "POST", body)
    assert made["value"] == "900.5" and made["frequency"] == "daily" and made["enabled"] is True
    changed = ask(bridge, f"{path}/{made['id']}", 200, "PATCH", {"value": "901", "enabled": False})
    assert changed["value"] == "901" and changed["enabled"] is False
    assert bridge.request("DELETE", f"{path}/{made['id']}")[0] == 204
    assert made["id"] not in [alert["id"] for alert in ask(bridge, path)["data"]]


def test_an_unknown_security_is_said_to_be(bridge):
    problem = ask(bridge, f"/v1/trades/99999.HK?account={FUTU}", 422)
    assert problem["code"] == "invalid_symbol" and problem["upstream"]["broker"] == "futu"


def test_both_brokers_tell_the_same_trades(bridge):
    """The markets are one; only the broker in between differs."""
    one = ask(bridge, f"/v1/trades/700.HK?limit=50&account={LONGBRIDGE}")["data"]
    other = ask(bridge, f"/v1/trades/700.HK?limit=50&account={FUTU}")["data"]
    known = {trade["time"]: trade for trade in one}
    shared = [trade for trade in other if trade["time"] in known]
    assert len(shared) >= 20
    for trade in shared:
        assert float(trade["price"]) == float(known[trade["time"]]["price"])
        assert float(trade["quantity"]) == float(known[trade["time"]]["quantity"])


def test_the_vendors_client_and_the_bridge_agree_tick_by_tick(bridge):
    context = Gateway(bridge).quotes()
    try:
        good(context.subscribe(["HK.00700"], [futu.SubType.TICKER], subscribe_push=False))
        ticks = good(context.get_rt_ticker("HK.00700", 1000))
        trades = ask(bridge, f"/v1/trades/700.HK?limit=1000&account={FUTU}")["data"]
    finally:
        context.close()
    theirs = {int(row["sequence"]): row for _, row in ticks.iterrows()}
    ours = {trade["sequence"]: trade for trade in trades}
    shared = sorted(set(theirs) & set(ours))
    # Between the two calls a trade may be made: one more at the new end, one less at the old one.
    assert len(shared) >= len(theirs) - 5 and len(shared) >= len(ours) - 5
    for sequence in shared:
        assert float(ours[sequence]["price"]) == theirs[sequence]["price"]
        assert float(ours[sequence]["quantity"]) == theirs[sequence]["volume"]
        assert float(ours[sequence]["turnover"]) == pytest.approx(theirs[sequence]["turnover"])
        direction = {"up": "BUY", "down": "SELL", "neutral": "NEUTRAL"}[ours[sequence]["direction"]]
        assert direction == theirs[sequence]["ticker_direction"]
        # The exchange's wall clock, eight hours ahead.
        assert ours[sequence]["time"][14:19] == theirs[sequence]["time"][14:19]


def first(bridge, account, topics, wanted):
    """The first event of each kind of a stream."""
    found = {}
    stream = bridge.stream(f"account={account}&topics={','.join(topics)}", timeout=30)
    for event in stream.events(30):
        found.setdefault(event.name, event.data)
        if wanted <= set(found):
            return found
    raise AssertionError(f"only {sorted(found)} came")


def test_one_stream_consumer_reads_both_brokers(bridge):
    topics = ["quote:700.HK", "depth:700.HK", "broker-queue:700.HK", "candle:700.HK@1m"]
    wanted = {"quote", "depth", "broker_queue", "candle"}
    bridge.sandbox("POST", "pace", {"interval_ms": 50, "percent": 100, "trades": 3})
    one, other = first(bridge, LONGBRIDGE, topics, wanted), first(bridge, FUTU, topics, wanted)
    for kind in wanted:
        assert shape(one[kind]) == shape(other[kind]), kind
        assert other[kind]["account"] == FUTU and other[kind]["snapshot"] is True


def test_a_lost_connection_is_made_good_with_a_gap_and_a_snapshot(bridge):
    bridge.sandbox("POST", "pace", {"interval_ms": 50, "percent": 100, "trades": 3})
    stream = bridge.stream(f"account={FUTU}&topics=quote:5.HK", timeout=30)
    seen = []
    for event in stream.events(30):
        if event.name == "quote" and not seen:
            bridge.sandbox("POST", "opend", {"do": "drop"})
        if event.name in ("quote", "gap"):
            seen.append(event)
        if "gap" in [entry.name for entry in seen[:-1]] and seen[-1].name == "quote":
            break
    else:
        raise AssertionError([event.name for event in seen])
    assert seen[-1].data["snapshot"] is True
    assert link(bridge)["losses"] >= 1


@pytest.mark.parametrize("state,word", [("out", "logging in"), ("phone-code", "phone"), ("kicked", "kicked")])
def test_a_gateway_that_waits_for_its_user_is_shown_and_nothing_else_suffers(bridge, state, word):
    until(lambda: link(bridge)["state"] == "ready")
    losses = link(bridge)["losses"]
    bridge.sandbox("POST", "opend", {"login": state})
    try:
        until(lambda: link(bridge)["state"] == "held")
        assert word in link(bridge)["reason"]
        problem = ask(bridge, f"/v1/depth/700.HK?max_age_ms=0&account={FUTU}", 424)
        assert problem["code"] == "session_not_ready"
        assert bridge.get("/healthz")[0] == 200 and bridge.get("/readyz")[0] == 200
        ask(bridge, f"/v1/depth/700.HK?account={LONGBRIDGE}")
    finally:
        bridge.sandbox("POST", "opend", {"login": "ready"})
    until(lambda: link(bridge)["state"] == "ready")
    # The connection stayed.
    assert link(bridge)["losses"] == losses + 1


def test_raw_requests_are_the_vendors_messages_as_json(bridge):
    until(lambda: link(bridge)["state"] == "ready")
    path = f"/v1/accounts/{FUTU}/opend"
    state = ask(bridge, f"{path}/GetGlobalState", method="POST", body={"userID": "0"})
    assert state["qotLogined"] is True and state["serverVer"] == 1011
    assert ask(bridge, f"{path}/Trd_PlaceOrder", 403, "POST", {})["code"] == "raw_not_allowed"
    assert ask(bridge, f"{path}/Qot_Sub", 403, "POST", {})["code"] == "raw_not_allowed"
    assert ask(bridge, f"{path}/Qot_GetNothing", 403, "POST", {})["code"] == "raw_not_allowed"
    assert ask(bridge, f"{path}/GetGlobalState", 422, "POST", {"nonsense": 1})["code"] == "invalid_request"
    assert ask(bridge, f"/v1/accounts/{LONGBRIDGE}/opend/GetGlobalState", 501, "POST", {})


@pytest.mark.parametrize("cipher", ["cbc", "ecb", "vendor"])
def test_an_encrypted_gateway_is_an_account_like_another(cipher):
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder, running("sandbox") as sandbox:
        folder, address = pathlib.Path(folder), sandbox.ready["sandbox"]["opend"]
        key = folder / "key.pem"
        key.write_text(address["rsa_private_key"])
        key.chmod(0o600)
        configuration = folder / "bridge.yaml"
        configuration.write_text(json.dumps({
            "keys": [{
                "name": "tests", "hash": f"sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
                "scopes": ["market:read", "account:read"], "accounts": "all",
            }],
            "accounts": [{
                "alias": "futu", "broker": "moomoo", "environment": "live", "opend": {
                    "host": address["host"], "port": address["encrypted_port"], "rsa_key_file": str(key),
                    "cipher": cipher,
                },
            }],
        }))
        configuration.chmod(0o600)
        with running("serve", "--config", str(configuration)) as bridge:
            bridge.key = KEY_OF_TESTS
            until(lambda: link(bridge, "futu")["state"] == "ready")
            assert ask(bridge, "/v1/trades/700.HK?limit=3")["meta"]["broker"] == "moomoo"
            secret = "".join(address["rsa_private_key"].split("\n")[1:3])
            assert secret[:40] not in bridge.errors()
