"""The vendor's own SDK as an account of the US data centre: the outside judge of that wire."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

import sdk_login

SCRIPT = pathlib.Path(__file__).parent / "sdk_us.py"


@pytest.fixture(scope="module", params=["key", "login"])
def report(request, tmp_path_factory):
    """One run of the SDK in a process of its own; its credentials alone say where the account is."""
    from conftest import running

    with running("sandbox") as sandbox:
        sandbox.sandbox("POST", "limit", {"trade_rate": False, "http_calls_per_second": 1000})
        environment = sdk_login.american(sandbox)
        if request.param == "login":
            environment = sdk_login.environment(sandbox, tmp_path_factory.mktemp("home"), "us")
        done = subprocess.run(
            [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "step",
    ["asset_overview", "cash_and_buy_power", "available_holding", "exchange_rates", "submit", "order_detail",
     "replace_and_cancel", "fill", "attached", "query_orders", "realized_pl", "transaction_history", "history",
     "crypto_overview", "asian_calls_are_not_for_it"],
)
def test_the_sdk_is_content_with(report, step):
    assert report[step] is True, report[step]


def test_every_method_of_that_data_center_is_called(report):
    called, public = set(report["methods"]["called"]), set(report["methods"]["public"])
    assert {name for name in public if name.startswith("us_")} <= called


def test_a_token_is_good_at_its_own_data_center_only(start):
    """Asked with a bearer token, since such calls are not signed."""
    with start("sandbox") as sandbox:
        base = sandbox.ready["sandbox"]["environment"]["LONGBRIDGE_HTTP_URL"]

        def code(token, path, center):
            headers = {"Authorization": f"Bearer {token}", "x-api-key": "", "x-timestamp": str(int(time.time()))}
            if center:
                headers["x-dc-region"] = center
            time.sleep(0.03)
            try:
                answer = urllib.request.urlopen(urllib.request.Request(base + path, headers=headers), timeout=10)
            except urllib.error.HTTPError as refusal:
                answer = refusal
            return json.loads(answer.read())["code"]

        tokens = {}
        for center in ("ap", "us"):
            import tempfile

            with tempfile.TemporaryDirectory() as home:
                sdk_login.environment(sandbox, home, center)
                file = next(pathlib.Path(home).glob(".longbridge/openapi/tokens/*"))
                tokens[center] = json.loads(file.read_text())["access_token"]
        assert tokens["us"].startswith("us_m_") and not tokens["ap"].startswith("us_")
        stock, overview, today = "/v1/asset/stock", "/v1/us/assets/overview", "/v1/trade/order/today"
        for token, center, path, expected in [
            ("us", "us", overview, 0), ("us", "us", today, 0), ("us", "us", stock, 301604),
            ("us", "ap", overview, 401004), ("us", None, today, 401004),
            ("ap", "ap", stock, 0), ("ap", None, stock, 0), ("ap", "ap", overview, 301604), ("ap", "us", today, 401004),
        ]:
            assert code(tokens[token], path, center) == expected, (token, center, path)
