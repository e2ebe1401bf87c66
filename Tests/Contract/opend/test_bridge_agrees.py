"""The bridge and the vendor's own client on one simulated gateway: both must see the same trades."""

import contextlib
import datetime
import hashlib
import json
import pathlib
import subprocess
import tempfile
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from futu import SubType

from conftest import KEY_OF_TESTS, Bridge, binary
from vendor_client import gateway, good, simulated, until  # noqa: F401

ZONES = {"HK": ZoneInfo("Asia/Hong_Kong"), "US": ZoneInfo("America/New_York")}


@contextlib.contextmanager
def bridged(gateway, encrypted):
    """A bridge with one account at the gateway."""
    with tempfile.TemporaryDirectory(prefix="brokerbridge-") as folder:
        folder = pathlib.Path(folder)
        port = gateway.address["encrypted_port"] if encrypted else gateway.port
        account = {"host": gateway.host, "port": port}
        if encrypted:
            account["rsa_key_file"] = str(folder / "key.pem")
            (folder / "key.pem").write_text(gateway.address["rsa_private_key"])
            (folder / "key.pem").chmod(0o600)
        settings = {
            "keys": [{
                "name": "tests", "hash": f"sha256:{hashlib.sha256(KEY_OF_TESTS.encode()).hexdigest()}",
                "scopes": ["market:read", "account:read"], "accounts": "all"}],
            "accounts": [{"alias": "gate", "broker": "futu", "environment": "sandbox", "opend": account}],
        }
        configuration, ready = folder / "bridge.yaml", folder / "ready.json"
        configuration.write_text(json.dumps(settings))
        configuration.chmod(0o600)
        with open(folder / "stdout", "wb") as out, open(folder / "stderr", "wb") as err:
            process = subprocess.Popen([
                binary(), "serve", "--config", str(configuration), "--listen", "127.0.0.1:0", "--state",
                str(folder / "state"), "--ready-file", str(ready)], stdout=out, stderr=err)
        try:
            until(lambda: ready.exists() or process.poll() is not None, 60)
            assert process.poll() is None, (folder / "stderr").read_text()
            bridge = Bridge(process, json.loads(ready.read_text()), folder / "stdout")
            bridge.key = KEY_OF_TESTS
            until(lambda: all(
                link["state"] == "ready" for link in bridge.get("/v1/accounts/gate/session")[2]["links"]), 60)
            yield bridge
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(30)


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def bridge(gateway, request):
    with bridged(gateway, request.param) as started:
        yield started


@pytest.fixture
def context(gateway):
    context = gateway.quotes()
    yield context
    context.close()


def milliseconds(text, market):
    """A time by the exchange's clock, as Unix milliseconds."""
    moment = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=ZONES[market])
    return round(moment.timestamp() * 1000)


def instant(text):
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize("code, symbol", [("HK.00700", "700.HK"), ("US.AAPL", "AAPL.US")])
def test_trades_agree_tick_by_tick(gateway, context, bridge, code, symbol):
    good(context.subscribe([code], [SubType.TICKER], subscribe_push=False))
    assert bridge.get(f"/v1/trades/{symbol}?limit=1000&account=gate")[0] == 200
    gateway.sandbox.sandbox("POST", "freeze", {"frozen": True})
    try:
        rows = good(context.get_rt_ticker(code, 1000)).to_dict("records")

        def newest():
            """What the bridge tells, once it is what there is: an answer may serve a moment's callers."""
            status, _, body = bridge.get(f"/v1/trades/{symbol}?limit=1000&account=gate")
            assert status == 200, body
            trades = sorted(body["data"], key=lambda trade: int(trade["sequence"]))
            return trades if int(trades[-1]["sequence"]) == rows[-1]["sequence"] else None

        ours = until(newest)
    finally:
        gateway.sandbox.sandbox("POST", "freeze", {"frozen": False})
    assert len(ours) == len(rows) > 0
    for trade, row in zip(ours, rows):
        assert int(trade["sequence"]) == row["sequence"]
        assert Decimal(trade["price"]) == Decimal(repr(row["price"]))
        assert Decimal(trade["quantity"]) == row["volume"]
        assert instant(trade["time"]) == milliseconds(row["time"], code[:2])
