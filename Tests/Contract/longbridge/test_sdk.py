"""The vendor's own SDK against the simulated broker: the outside judge of its wire."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import sdk_login

SCRIPT = pathlib.Path(__file__).parent / "sdk_session.py"


@pytest.fixture(scope="module", params=["key", "login"])
def report(request, tmp_path_factory):
    """One run of the SDK in a process of its own, since it reads its settings from the environment."""
    from conftest import running

    with running("sandbox") as sandbox:
        # The vendor's client paces its socket, but not its HTTP calls.
        sandbox.sandbox("POST", "limit", {"http_calls_per_second": 1000})
        environment = {**os.environ, **sandbox.ready["sandbox"]["environment"]}
        if request.param == "login":
            environment = sdk_login.environment(sandbox, tmp_path_factory.mktemp("home"))
        done = subprocess.run(
            [sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "step",
    ["static_info", "quote", "depth", "brokers", "participants", "trades", "intraday", "candlesticks",
     "history_by_offset", "history_by_date", "trading_session", "trading_days", "unknown_symbol", "subscriptions",
     "pushes", "calc_indexes", "capital", "options", "warrants", "security_list", "temperature", "watchlist", "alerts",
     "overnight_and_packages", "member", "studies", "pinned", "candlestick_subscription"],
)
def test_the_sdk_is_content_with(report, step):
    assert report[step] is True, report


def test_every_public_method_is_exercised_or_has_a_reason_not_to_be(report):
    called, public = set(report["methods"]["called"]), set(report["methods"]["public"])
    # The one of the US data centre is called by test_sdk_us.py.
    assert public - called == {"us_crypto_overview"} and called <= public
