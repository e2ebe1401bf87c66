"""The vendor's own SDK trades at the simulated broker: the outside judge of its wire."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

import sdk_login

SCRIPT = pathlib.Path(__file__).parent / "sdk_trading.py"


@pytest.fixture(scope="module", params=["key", "login"])
def report(request, tmp_path_factory):
    """One run of the SDK in a process of its own, with the broker's limit of 30 calls lifted: it makes more."""
    from conftest import running

    with running("sandbox") as sandbox:
        sandbox.sandbox("POST", "limit", {"trade_rate": False})
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
    ["subscribe", "account_balance", "stock_positions", "fund_positions", "estimate", "margin_ratio", "submit", "push",
     "today_orders", "replace", "cancel", "fill", "charges", "history_orders", "history_executions", "all_executions",
     "cash_flow", "attached", "grid_pushes_are_taken", "conditional", "multileg", "refusals", "unsubscribe"],
)
def test_the_sdk_is_content_with(report, step):
    assert report[step] is True, report


def test_every_public_method_is_exercised_or_has_a_reason_not_to_be(report):
    called, public = set(report["methods"]["called"]), set(report["methods"]["public"])
    # Those of the US data centre have a run of their own: test_sdk_us.py.
    american = {name for name in public if name.startswith("us_")}
    assert public - called == american and called <= public
