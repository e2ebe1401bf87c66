"""Options and warrants over HTTP: chains that fit together, lists that keep what was asked."""

from decimal import Decimal

from judged import ask


def test_a_chain_leads_to_quotes_that_fit_together(bridge):
    dates = ask(bridge, "/v1/options/AAPL.US/expirations")["data"]
    assert dates == sorted(dates) and len(dates) >= 10
    chain = ask(bridge, f"/v1/options/AAPL.US/chain?expiry={dates[4]}")
    strikes = [Decimal(row["strike"]) for row in chain["data"]]
    assert strikes == sorted(strikes) and chain["expiry"] == dates[4]
    calls = [row["call"] for row in chain["data"]]
    quotes = ask(bridge, f"/v1/options/quotes?symbols={','.join(calls)}&greeks=true")["data"]
    assert [quote["symbol"] for quote in quotes] == calls
    prices = [Decimal(quote["last"]) for quote in quotes]
    assert prices == sorted(prices, reverse=True)
    assert all(0 <= Decimal(quote["greeks"]["delta"]) <= 1 for quote in quotes)
    assert all(quote["underlying"] == "AAPL.US" and quote["expiry"] == dates[4] for quote in quotes)


def test_an_option_is_known_in_both_writings(bridge):
    date = ask(bridge, "/v1/options/AAPL.US/expirations")["data"][3]
    symbol = ask(bridge, f"/v1/options/AAPL.US/chain?expiry={date}")["data"][0]["put"]
    code = symbol.removesuffix(".US")
    short = f"{code[:-8]}{int(code[-8:])}.US"
    answer = ask(bridge, f"/v1/options/quotes?symbols={short}")["data"][0]
    assert answer["symbol"] == symbol and answer["right"] == "put" and answer["greeks"] is None
    figures = ask(bridge, f"/v1/indicators?symbols={symbol}&fields=strike,delta,expiry,pe_ttm")["data"][0]
    assert figures["expiry"] == date and figures["pe_ttm"] is None and Decimal(figures["delta"]) <= 0


def test_contracts_are_among_the_securities(bridge):
    date = ask(bridge, "/v1/options/AAPL.US/expirations")["data"][3]
    option = ask(bridge, f"/v1/options/AAPL.US/chain?expiry={date}")["data"][0]["call"]
    warrant = ask(bridge, "/v1/warrants/700.HK?type=call&status=normal&limit=1")["data"][0]["symbol"]
    both = f"{option},{warrant}"
    assert [i["symbol"] for i in ask(bridge, f"/v1/instruments?symbols={both}")["data"]] == [option, warrant]
    assert [i["board"] for i in ask(bridge, f"/v1/instruments?symbols={both}")["data"]] == ["USOption", "HKWarrant"]
    for quote in ask(bridge, f"/v1/quotes?symbols={both}")["data"]:
        assert Decimal(quote["low"]) <= Decimal(quote["last"]) <= Decimal(quote["high"])
    # They have no book of their own in the simulation, which is not to be unknown.
    for symbol in (option, warrant):
        assert ask(bridge, f"/v1/depth/{symbol}", 422)["code"] == "no_data"
    assert ask(bridge, "/v1/depth/99999.HK", 422)["code"] == "invalid_symbol"


def test_what_has_no_options_says_so(bridge):
    assert ask(bridge, "/v1/options/700.HK/expirations", 422)["code"] == "no_data"
    assert ask(bridge, "/v1/options/quotes?symbols=AAPL990101C00100000.US", 422)["code"] == "invalid_symbol"
    assert ask(bridge, "/v1/options/AAPL.US/chain", 400)["code"] == "missing_field"


def test_warrants_come_in_pages_in_the_order_asked(bridge):
    path = "/v1/warrants/700.HK?type=call,put&status=normal&sort=expiry&order=asc&limit=4"
    rows, cursor = [], None
    while True:
        page = ask(bridge, path + (f"&cursor={cursor}" if cursor else ""))
        rows += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(rows) == page["total"] == len({row["symbol"] for row in rows}) > 4
    assert [row["expiry"] for row in rows] == sorted(row["expiry"] for row in rows)
    assert all(row["type"] in ("call", "put") and row["call_price"] is None for row in rows)
    quotes = ask(bridge, f"/v1/warrants/quotes?symbols={','.join(row['symbol'] for row in rows)}")["data"]
    assert [quote["strike"] for quote in quotes] == [row["strike"] for row in rows]
    assert "bull" in ask(bridge, "/v1/warrants/700.HK?type=nonsense", 400)["suggestions"]


def test_issuers_filter_the_list(bridge):
    issuers = ask(bridge, "/v1/warrant-issuers")["data"]
    total = 0
    for issuer in issuers:
        total += ask(bridge, f"/v1/warrants/9988.HK?issuer={issuer['id']}")["total"]
    assert total == ask(bridge, "/v1/warrants/9988.HK")["total"] > 0
