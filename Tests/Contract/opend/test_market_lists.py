"""What needs no subscription at a gateway: derivatives, flows, calendars and the user's lists, beside the other broker."""

import datetime
import hashlib
import json
import pathlib
import tempfile
import threading
import time

import pytest

from conftest import KEY_OF_TESTS, running
from judged import ask

LIMIT = 20.0


@pytest.fixture(scope="module")
def market():
    """A simulated market, and a bridge with an account at each of its brokers."""
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder, running("sandbox") as sandbox:
        environment, address = sandbox.ready["sandbox"]["environment"], sandbox.ready["sandbox"]["opend"]
        path = pathlib.Path(folder) / "bridge.yaml"
        path.write_text(json.dumps({
            "keys": [{
                "name": "tests", "hash": f"sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
                "scopes": ["market:read", "account:read", "trade"], "accounts": "all",
            }],
            "accounts": [{
                "alias": "long", "broker": "longbridge", "environment": "sandbox", "longbridge": {
                    "app_key": environment["LONGBRIDGE_APP_KEY"], "app_secret": environment["LONGBRIDGE_APP_SECRET"],
                    "access_token": environment["LONGBRIDGE_ACCESS_TOKEN"],
                    "http_url": environment["LONGBRIDGE_HTTP_URL"],
                    "quote_url": environment["LONGBRIDGE_QUOTE_WS_URL"],
                    "trade_url": environment["LONGBRIDGE_TRADE_WS_URL"],
                },
            }, {
                "alias": "futu", "broker": "futu", "environment": "sandbox",
                "opend": {"host": address["host"], "port": address["port"]},
            }],
        }))
        path.chmod(0o600)
        with running("serve", "--config", str(path)) as bridge:
            bridge.key = KEY_OF_TESTS
            for alias in ("long", "futu"):
                until(lambda: all(link["state"] == "ready"
                                  for link in bridge.get(f"/v1/accounts/{alias}/session")[2]["links"]))
            yield bridge


def until(condition):
    end, pause = time.monotonic() + LIMIT, threading.Event()
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        pause.wait(0.02)


def shape(value):
    """The names of all members; a list is what its first element is."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items() if name != "meta"}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None


def both(market, path):
    """The answers of both brokers, which have one shape."""
    mark = "&" if "?" in path else "?"
    one, other = (ask(market, f"{path}{mark}account={alias}") for alias in ("long", "futu"))
    assert other["meta"]["broker"] == "futu" and other["meta"]["account"] == "futu"
    assert shape(one) == shape(other)
    return one, other


def futu(market, path, expected=200):
    return ask(market, f"{path}{'&' if '?' in path else '?'}account=futu", expected)


def test_expirations_and_chains_are_the_same(market):
    one, other = both(market, "/v1/options/AAPL.US/expirations")
    assert one["data"] == other["data"] == sorted(other["data"])
    one, other = both(market, f"/v1/options/AAPL.US/chain?expiry={other['data'][0]}")
    chains = [[(float(row["strike"]), row["call"], row["put"], row["standard"]) for row in answer["data"]]
              for answer in (one, other)]
    assert chains[0] == chains[1] == sorted(chains[1]) and len(chains[1]) > 3


def test_option_quotes_have_fractions_and_greeks(market):
    expiry = futu(market, "/v1/options/AAPL.US/expirations")["data"][1]
    row = futu(market, f"/v1/options/AAPL.US/chain?expiry={expiry}")["data"][2]
    _, other = both(market, f"/v1/options/quotes?symbols={row['call']},{row['put']}&greeks=true")
    call, put = other["data"]
    for quote, right in ((call, "call"), (put, "put")):
        assert quote["right"] == right and quote["underlying"] == "AAPL.US" and quote["expiry"] == expiry
        assert float(quote["strike"]) == float(row["strike"]) and quote["contract_size"] == "100"
        assert 0 < float(quote["implied_volatility"]) < 5
    assert 0 <= float(call["greeks"]["delta"]) <= 1 and -1 <= float(put["greeks"]["delta"]) <= 0
    figures = futu(market, f"/v1/indicators?symbols={row['call']}&fields=implied_volatility,expiry,delta,pe_ttm")
    values = figures["data"][0]
    assert float(values["implied_volatility"]) == pytest.approx(float(call["implied_volatility"]) * 100, rel=0.2)
    assert values["expiry"] == expiry and values["pe_ttm"] is None
    assert futu(market, f"/v1/options/quotes?symbols={row['call']}")["data"][0]["greeks"] is None


def test_a_share_is_no_option_and_an_unknown_one_is_none_either(market):
    assert futu(market, "/v1/options/quotes?symbols=AAPL.US", 422)["code"] == "invalid_symbol"
    assert futu(market, "/v1/options/99999.HK/expirations", 422)["code"] == "invalid_symbol"
    assert futu(market, "/v1/warrants/quotes?symbols=700.HK", 422)["code"] == "invalid_symbol"


def test_warrants_come_in_pages_in_the_order_asked_for(market):
    whole = futu(market, "/v1/warrants/700.HK?sort=strike&order=asc&limit=500")
    rows, cursor = [], 0
    while cursor is not None:
        page = futu(market, f"/v1/warrants/700.HK?sort=strike&order=asc&limit=3&cursor={cursor}")
        assert page["total"] == whole["total"]
        rows, cursor = rows + page["data"], page["next_cursor"]
    assert [row["symbol"] for row in rows] == [row["symbol"] for row in whole["data"]]
    assert len(rows) == whole["total"] > 3
    strikes = [float(row["strike"]) for row in rows if row["strike"] is not None]
    assert strikes == sorted(strikes)
    for row in rows:
        assert (row["call_price"] is not None) == (row["type"] in ("bull", "bear"))
        assert (row["implied_volatility"] is not None) <= (row["type"] in ("call", "put"))
        assert row["outstanding_ratio"] is None or 0 <= float(row["outstanding_ratio"]) <= 1


def test_warrants_are_filtered_by_kind_and_issuer(market):
    both(market, "/v1/warrants/700.HK?limit=1")
    rows = futu(market, "/v1/warrants/700.HK?type=bull,bear&limit=500")["data"]
    assert rows and {row["type"] for row in rows} <= {"bull", "bear"}
    both(market, "/v1/warrant-issuers")
    issuers = futu(market, "/v1/warrant-issuers")["data"]
    assert len(issuers) == 28 and issuers[10]["names"] == {"en": "UB", "zh-CN": "瑞银", "zh-HK": None}
    chosen = [futu(market, f"/v1/warrants/700.HK?issuer={issuer['id']}")["total"] for issuer in issuers]
    assert sum(chosen) == futu(market, "/v1/warrants/700.HK")["total"]


def test_what_the_gateway_cannot_filter_is_501_of_the_field(market):
    for query, field in (("bounds=inside", "bounds"), ("sort=to_call_price", "sort"),
                         ("status=normal,suspended", "status"), ("expiry=under_3m,over_12m", "expiry")):
        problem = futu(market, f"/v1/warrants/700.HK?{query}", 501)
        assert problem["code"] == "not_supported_by_broker" and problem["field"] == field


def test_warrant_quotes_have_one_shape(market):
    rows = futu(market, "/v1/warrants/700.HK?limit=2")["data"]
    both(market, f"/v1/warrants/quotes?symbols={rows[0]['symbol']}")
    quote = futu(market, f"/v1/warrants/quotes?symbols={rows[0]['symbol']}")["data"][0]
    assert quote["underlying"] == "700.HK" and quote["type"] == rows[0]["type"] and quote["expiry"] == rows[0]["expiry"]


def test_flows_of_money(market):
    _, other = both(market, "/v1/capital-flow/700.HK")
    times = [point["time"] for point in other["data"]]
    assert times == sorted(times) and times
    one, other = both(market, "/v1/capital-distribution/700.HK")
    for way in ("inflow", "outflow"):
        for size in ("large", "medium", "small"):
            assert float(other[way][size]) >= 0
    assert futu(market, "/v1/capital-flow/99999.HK", 422)["code"] == "invalid_symbol"


def test_indicators_in_percent(market):
    fields = "last,change_percent,turnover_rate,amplitude,volume_ratio,market_value"
    both(market, f"/v1/indicators?symbols=700.HK&fields={fields}")
    figures = futu(market, f"/v1/indicators?symbols=700.HK&fields={fields}")["data"][0]
    assert float(figures["last"]) > 0 and float(figures["market_value"]) > 1e6


def test_markets_and_their_days(market):
    one, other = both(market, "/v1/markets")
    # The simulated broker's own hours are longer than the exchanges'.
    assert {entry["market"] for entry in one["data"]} == {entry["market"] for entry in other["data"]}
    both(market, "/v1/markets/US/sessions")
    year = datetime.date.today().year
    one, other = both(market, f"/v1/markets/HK/calendar?start={year}-03-01&end={year}-04-30")
    assert one["data"] == other["data"]


def test_lists_of_securities(market):
    stocks = futu(market, "/v1/securities?market=HK&category=stock")
    symbols = [entry["symbol"] for entry in stocks["data"]]
    assert {"700.HK", "5.HK"} <= set(symbols) and symbols == sorted(symbols)
    assert "HSIMAIN.HK" in [row["symbol"] for row in futu(market, "/v1/securities?market=HK&category=future")["data"]]
    assert futu(market, "/v1/securities?market=US", 501)["field"] == "category"
    assert ask(market, "/v1/securities?market=US&category=stock&account=long", 501)["field"] == "category"


def test_a_watchlist_is_filled_and_emptied(market):
    base = "/v1/accounts/futu/watchlists"
    lists = ask(market, base)["data"]
    assert [entry["id"] for entry in lists] == [entry["name"] for entry in lists] == ["Favourites", "Sandbox"]
    path = f"{base}/Sandbox"
    changed = ask(market, path, 200, "PATCH", {"add": ["700.HK", "AAPL.US"]})
    assert [entry["symbol"] for entry in changed["securities"]] == ["700.HK", "AAPL.US"]
    assert changed["securities"][0]["name"] and ask(market, path) == changed
    replaced = ask(market, path, 200, "PATCH", {"symbols": ["5.HK", "AAPL.US"]})
    assert {entry["symbol"] for entry in replaced["securities"]} == {"5.HK", "AAPL.US"}
    emptied = ask(market, path, 200, "PATCH", {"remove": ["5.HK", "AAPL.US"]})
    assert emptied["securities"] == []
    assert ask(market, f"{base}/nothing", 404)["code"] == "not_found"
    for method, target, body in (("PATCH", path, {"name": "x"}), ("PATCH", path, {"pin": ["5.HK"]}),
                                 ("POST", base, {"name": "x"}), ("DELETE", path, None)):
        assert ask(market, target, 501, method, body)["code"] == "not_supported_by_broker"


def test_a_price_alert_lives_and_dies(market):
    base = "/v1/accounts/futu/price-alerts"
    assert ask(market, base)["data"] == []
    made = ask(market, base, 201, "POST", {"symbol": "700.HK", "condition": "price_above", "value": "9999.5"})
    assert made["symbol"] == "700.HK" and made["value"] == "9999.5" and made["frequency"] == "once"
    fall = ask(market, base, 201, "POST", {
        "symbol": "AAPL.US", "condition": "fall_percent", "value": "90", "frequency": "daily", "enabled": False})
    assert fall["enabled"] is False and fall["value"] == "90"
    assert {alert["id"] for alert in ask(market, base)["data"]} == {made["id"], fall["id"]}
    path = f"{base}/{made['id']}"
    changed = ask(market, path, 200, "PATCH", {"value": "8888", "enabled": False})
    assert changed == {**made, "value": "8888", "enabled": False}
    assert ask(market, f"{base}?symbol=AAPL.US")["data"] == [fall]
    problem = ask(market, base, 422, "POST", {"symbol": "700.HK", "condition": "price_above", "value": "1.2345"})
    assert problem["field"] in ("value", "/value")
    for alert in (made, fall):
        assert market.request("DELETE", f"{base}/{alert['id']}")[0] == 204
        assert ask(market, f"{base}/{alert['id']}", 404, "DELETE")["code"] == "not_found"
    assert ask(market, base)["data"] == []
