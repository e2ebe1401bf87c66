"""The audit log: what is in it, what changes to it are found, what happens when the disk fails, and who may read it."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from audit_verifier import Break, anchors_of, entries  # noqa: E402

from conftest import binary  # noqa: E402

ORDER = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}


def state_of(bridge):
    return pathlib.Path(bridge.output_path()).parent / "state"


def audit(bridge, query=""):
    status, _, body = bridge.get(f"/v1/audit?{query}")
    assert status == 200, body
    return body


def export(bridge, query=""):
    """The answer as bytes: lines of JSON are not one document."""
    connection = bridge.connection()
    try:
        connection.request("GET", f"/v1/audit?format=ndjson{query}", headers=bridge.headers())
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def verify(state, *arguments):
    done = subprocess.run(
        [binary(), "audit", "verify", "--state", str(state), *arguments], capture_output=True, text=True, timeout=60,
    )
    return done.returncode, json.loads(done.stdout)


def submit(bridge, key, account="sandbox", **fields):
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return bridge.request(
        "POST", f"/v1/accounts/{account}/orders", headers=headers, body=json.dumps({**ORDER, **fields}))


def test_every_request_is_recorded_with_who_and_what(bridge):
    name = f"audit-{time.monotonic_ns()}"
    bridge.get("/v1/depth/700.HK?levels=3", headers={"X-Request-Id": name})
    bridge.get("/v1/depth/nonsense", headers={"X-Request-Id": name})
    bridge.request("GET", "/v1/quotes", headers={"X-Request-Id": name, "Authorization": "Bearer nobody"})
    bridge.get("/v1/nowhere", headers={"X-Request-Id": name})
    found = [entry for entry in audit(bridge, "limit=50")["data"] if entry.get("request_id") == name]
    assert [(entry["status"], entry["outcome"]) for entry in reversed(found)] == [
        (200, "ok"), (422, "refused"), (401, "refused"), (404, "refused")]
    first = found[-1]
    assert first["kind"] == "request" and first["key"] == "demo" and first["address"] == "127.0.0.1"
    assert first["route"] == "/v1/depth/{symbol}" and first["latency_us"] > 0
    assert ["symbol", "700.HK"] in first["arguments"] and ["levels", "3"] in first["arguments"]
    assert found[-2]["code"] == "invalid_symbol" and "key" not in found[-3]


def test_reads_that_are_alike_are_told_apart(bridge):
    name = f"alike-{time.monotonic_ns()}"
    asked = [
        ("GET", "/v1/quotes?symbols=700.HK"), ("GET", "/v1/quotes?symbols=700.HK"), ("HEAD", "/v1/quotes?symbols=700.HK"),
        ("GET", "/v1/quotes?symbols=AAPL.US"), ("GET", "/v1/quotes?symbols=700.HK"), ("GET", "/v1/version")]
    for number, (method, path) in enumerate(asked):
        bridge.request(method, path, headers={"X-Request-Id": f"{name}.{number}"})
    found = [entry for entry in audit(bridge, "limit=50")["data"] if entry.get("request_id", "").startswith(name)][::-1]
    assert [entry["request_id"] for entry in found] == [f"{name}.{number}" for number in range(len(asked))]
    assert [(entry["method"], entry["route"], entry.get("arguments")) for entry in found] == [
        (method, path.partition("?")[0], [["symbols", path.partition("=")[2]]] if "=" in path else None)
        for method, path in asked]
    times = [entry["mono_ns"] for entry in found]
    assert times == sorted(set(times))
    assert all(entry["status"] == 200 and entry["outcome"] == "ok" and entry["key"] == "demo" for entry in found)
    # The members stand as the documents say, whoever wrote the line.
    assert list(found[0]) == [
        "seq", "time", "boot", "mono_ns", "kind", "request_id", "key", "address", "method", "route", "outcome", "status",
        "latency_us", "arguments", "prev", "mac"]


@pytest.mark.parametrize("path", ["/%761/quotes?symbols=700.HK", "/v%31/quotes?symbols=700.HK", "/%76%31/nowhere"])
def test_a_path_with_escapes_is_recorded_too(bridge, path):
    name = f"escaped-{time.monotonic_ns()}"
    status, _, _ = bridge.get(path, headers={"X-Request-Id": name})
    found = [entry for entry in audit(bridge, "limit=50")["data"] if entry.get("request_id") == name]
    assert [entry["status"] for entry in found] == [status] and status == (404 if "nowhere" in path else 200)


def test_an_order_has_its_intent_before_and_its_outcome_after(fresh_bridge):
    bridge = fresh_bridge
    status, _, order = submit(bridge, "audited")
    assert status == 201, order
    bridge.request("DELETE", f"/v1/accounts/sandbox/orders/{order['id']}")
    found = list(reversed(audit(bridge, f"order_id={order['id']}")["data"]))
    assert [(entry["kind"], entry.get("action")) for entry in found if entry["kind"] != "request"] == [
        ("intent", "order.submit"), ("outcome", "order.submit"),
        ("intent", "order.cancel"), ("outcome", "order.cancel")]
    assert found[0]["key"] == "demo" and ["quantity", "100"] in found[0]["arguments"]
    assert found[1]["outcome"] == "ok" and found[1]["latency_us"] > 0
    status, _, page = bridge.get(f"/v1/audit?order_id={order['id']}&outcome=ok&limit=1")
    assert len(page["data"]) == 1 and page["next_cursor"]
    status, _, rest = bridge.get(f"/v1/audit?order_id={order['id']}&outcome=ok&limit=10&cursor={page['next_cursor']}")
    assert {entry["seq"] for entry in rest["data"]}.isdisjoint({page["data"][0]["seq"]}) and rest["data"]


def test_another_program_verifies_the_same_log(fresh_bridge):
    bridge = fresh_bridge
    for number in range(50):
        bridge.get("/v1/quotes?symbols=700.HK")
    status, _, result = bridge.get("/v1/audit/verify")
    assert status == 200 and result["ok"] and result["break"] is None and result["entries"] >= 51
    state = state_of(bridge)
    log = bridge.errors
    assert bridge.stop() == 0
    found = entries(state, anchors_of(log()).items())
    assert len(found) >= 52 and [entry["seq"] for entry in found] == list(range(1, len(found) + 1))
    # The last anchor is the end: nothing could be cut off unseen.
    assert max(anchors_of(log())) == found[-1]["seq"]
    anchors = state.parent / "stderr"
    status, result = verify(state, "--anchors", str(anchors))
    assert status == 0 and result["anchored_through"] == result["last_seq"] == found[-1]["seq"]

    def judged(change):
        copy = state.parent / "changed"
        shutil.copytree(state, copy)
        try:
            change(copy / "audit" / "0000000001.jsonl")
            with pytest.raises(Break):
                entries(copy, anchors_of(log()).items())
            status, result = verify(copy, "--anchors", str(anchors))
            assert status == 1 and result["break"]
            return result["break"]["seq"]
        finally:
            shutil.rmtree(copy)

    def lines(path, work):
        path.write_bytes(b"".join(work(path.read_bytes().splitlines(keepends=True))))

    assert judged(lambda path: lines(path, lambda all: all[:9] + [all[9].replace(b"200", b"500")] + all[10:])) == 10
    assert judged(lambda path: lines(path, lambda all: all[:9] + all[10:])) == 10
    assert judged(lambda path: lines(path, lambda all: all[:9] + [all[10], all[9]] + all[11:])) == 10
    assert judged(lambda path: lines(path, lambda all: all[:9] + [all[8]] + all[9:])) == 10
    assert judged(lambda path: lines(path, lambda all: all[:-1])) == found[-1]["seq"]
    assert judged(lambda path: path.unlink()) == 1


def test_the_export_of_the_api_and_of_the_command_are_the_log_itself(fresh_bridge):
    bridge = fresh_bridge
    for _ in range(20):
        bridge.get("/v1/version")
    status, headers, body = export(bridge)
    assert status == 200 and headers["Content-Type"] == "application/x-ndjson"
    state = state_of(bridge)
    whole = (state / "audit" / "0000000001.jsonl").read_bytes()
    assert whole.startswith(body) and body.count(b"\n") >= 21
    done = subprocess.run([binary(), "audit", "export", "--state", str(state)], capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout.startswith(body)
    done = subprocess.run(
        [binary(), "audit", "export", "--state", str(state), "--key", "nobody"], capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout == b""


def test_who_may_not_read_everything_sees_their_own(start, tmp_path):
    import hashlib

    keys = {"owner": "bb_" + "B" * 42 + "A", "guest": "bb_" + "C" * 42 + "A", "nosy": "bb_" + "D" * 42 + "A"}
    rights = {"owner": ("audit:read, market:read", "all"), "guest": ("audit:read, market:read", "[\"sandbox\"]"),
              "nosy": ("market:read", "all")}
    configuration = tmp_path / "bridge.yaml"
    nowhere = "http://127.0.0.1:9"
    other = (
        "accounts:\n  - alias: other\n    broker: longbridge\n    environment: sandbox\n    longbridge:\n"
        f"      app_key: a\n      app_secret: b\n      access_token: c\n      http_url: {nowhere}\n"
        "      quote_url: ws://127.0.0.1:9\n      trade_url: ws://127.0.0.1:9\n")
    configuration.write_text(other + "keys:\n" + "".join(
        f"  - name: {name}\n    hash: sha256:{hashlib.sha256(key.encode()).hexdigest()}\n"
        f"    scopes: [{rights[name][0]}]\n    accounts: {rights[name][1]}\n" for name, key in keys.items()))
    configuration.chmod(0o600)
    with start("serve", "--sandbox", "--config", str(configuration)) as bridge:
        def get(name, path):
            return bridge.get(path, headers={"Authorization": f"Bearer {keys[name]}"})

        assert get("nosy", "/v1/audit")[0] == 403 and get("nosy", "/v1/audit/verify")[0] == 403
        get("owner", "/v1/version")
        get("guest", "/v1/version")
        get("owner", "/v1/accounts/sandbox")
        every = get("owner", "/v1/audit?limit=1000")[2]["data"]
        own = get("guest", "/v1/audit?limit=1000")[2]["data"]
        assert {entry.get("key") for entry in every} >= {"owner", "guest", "nosy"}
        assert own and all(entry["key"] == "guest" or entry["account"] == "sandbox" for entry in own), own
        assert any(entry["key"] == "owner" for entry in own)


def test_what_a_key_may_not_do_is_recorded_of_its_account(fresh_bridge):
    """An owner who looks at an account's entries sees who tried there in vain."""
    bridge = fresh_bridge
    body = json.dumps({"name": "reader", "scopes": ["market:read"], "accounts": ["sandbox"], "rates": {"account": "1/h"}})
    made = bridge.request("POST", "/v1/keys", headers={"Content-Type": "application/json"}, body=body)[2]
    reader, nobody = {"Authorization": f"Bearer {made['key']}"}, {"Authorization": "Bearer bb_" + "C" * 43}
    expected = {
        bridge.request(method, f"/v1/accounts/sandbox/{path}", headers=headers)[1]["X-Request-Id"]: status
        for method, path, headers, status in (
            ("POST", "orders", reader, 403), ("GET", "balances", reader, 403), ("GET", "balances", reader, 429),
            ("GET", "balances", nobody, 401))}
    entries = bridge.get("/v1/audit?account=sandbox&outcome=refused")[2]["data"]
    assert {e["request_id"]: e["status"] for e in entries} == expected, entries


def test_wrong_questions_are_refused(bridge):
    for query in ["limit=0", "limit=1001", "cursor=x", "start=yesterday", "format=xml", "who=me", "key=a&key=b",
                  "format=ndjson&limit=5"]:
        status, _, problem = bridge.get(f"/v1/audit?{query}")
        assert status == 400, (query, problem)


def test_texts_of_callers_stay_on_their_line(bridge):
    text = "%0d%0a%1b%5b31m%22%7d%e2%80%a8" * 20
    bridge.get(f"/v1/quotes?symbols={text}&limit={text}")
    bridge.get(f"/v1/depth/{text}")
    status, _, body = export(bridge)
    for line in body.decode().split("\n")[:-1]:
        assert json.loads(line)["seq"] and "\x1b" not in line and "\u2028" not in line and len(line) < 65536


def test_no_secret_is_in_the_log_or_the_audit(pair):
    """A canary in every place where a caller or an operator puts a secret."""
    bridge = pair.bridge
    secrets = [bridge.key, "bb_" + "Z" * 43, "canary-password", "canary-cookie"]
    configuration = pathlib.Path(pair.configuration).read_text()
    secrets += [line.split(": ")[1] for line in configuration.splitlines() if "app_secret" in line or "token" in line]
    canary = secrets[1]
    bridge.get(f"/v1/quotes?symbols={canary}&token={canary}&password=canary-password",
               headers={"Cookie": "canary-cookie"})
    bridge.get(f"/v1/depth/{canary}")
    bridge.get("/v1/version", headers={"Authorization": f"Bearer {canary}"})
    bridge.get("/v1/version", headers={"X-Request-Id": canary})
    bridge.get(f"/v1/accounts/{canary}/orders")
    bridge.request("PUT", f"/v1/accounts/{canary}/risk", headers={"Content-Type": "application/json"}, body="{}")
    bridge.request("POST", "/v1/accounts/main/orders", headers={"Content-Type": "application/json"},
                   body=json.dumps({"password": "canary-password", "symbol": canary}))
    submit(bridge, "canary", account="main")
    metrics = bridge.get("/metrics")[2].decode()
    audit = export(bridge)[2].decode()
    bridge.stop()
    log = (pair.folder / "stderr").read_text() + (pair.folder / "stdout").read_text()
    files = "".join(path.read_text() for path in (pair.folder / "state" / "audit").glob("*.jsonl"))
    key = (pair.folder / "state" / "audit.key").read_text().strip()
    for secret in [*secrets, key]:
        for text in (metrics, audit, log, files):
            assert secret not in text, secret[:12]


@pytest.mark.parametrize("rounds", [200 if os.environ.get("BROKERBRIDGE_LONG") == "1" else 12])
def test_after_kill_the_log_verifies_and_has_every_order(pair, rounds):
    seed = int(os.environ.get("BROKERBRIDGE_SEED", "4"))
    stop, chance = threading.Event(), random.Random(seed)
    print(f"seed {seed}")
    for turn in range(rounds):
        ended = threading.Event()

        def load(turn=turn):
            for count in range(200):
                try:
                    submit(pair.bridge, f"kill-{turn}-{count}", account="main")
                except OSError:
                    break
            ended.set()

        threads = [threading.Thread(target=load)]
        for thread in threads:
            thread.start()
        stop.wait(chance.uniform(0.02, 0.4))
        pair.kill()
        for thread in threads:
            thread.join(10)
        status, result = verify(pair.folder / "state")
        assert status == 0, result
        pair.start()
    pair.bridge.stop()
    found = entries(pair.folder / "state")
    intents = {entry["order_id"] for entry in found if entry["kind"] == "intent" and entry["action"] == "order.submit"}
    orders = pair.broker_orders()
    assert len(orders) > rounds
    print(f"{rounds} ends, {len(orders)} orders at the broker, {len(intents)} intents")
    tags = [order["remark"] for order in orders]
    assert len(set(tags)) == len(tags), "an order was sent twice"
    for tag in tags:
        assert any(order.removeprefix("ord_") in tag for order in intents), (tag, sorted(intents)[:3])


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_refuses_writes_lets_cancellations_through_and_heals(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        folder = disk / "state"
        with running_on(folder) as bridge:
            status, _, order = submit(bridge, "before", limit_price="200")
            assert status == 201, order
            leaked = bridge.request(
                "POST", "/v1/keys", headers={"Content-Type": "application/json"},
                body=json.dumps({"name": "leaked", "scopes": ["trade"], "accounts": ["sandbox"]}))[2]
            filler = disk / "filler"
            fill(filler)
            for number in range(200):
                status, headers, body = submit(bridge, f"full-{number}", limit_price="200")
                if status == 503 and body["code"] == "audit_unavailable":
                    break
            assert body["code"] == "audit_unavailable" and int(headers["Retry-After"]) >= 1
            assert bridge.get("/v1/quotes?symbols=700.HK")[0] == 200
            status, _, body = bridge.request("DELETE", f"/v1/accounts/sandbox/orders/{order['id']}")
            assert status in (200, 202), body
            # A key that is in wrong hands is taken from them, whatever the disk says.
            using = {"Authorization": f"Bearer {leaked['key']}"}
            assert bridge.get("/v1/version", headers=using)[0] == 200
            status, _, body = bridge.request("DELETE", f"/v1/keys/{leaked['id']}")
            assert status == 204 or (status, body["code"]) == (503, "storage_unavailable"), body
            assert bridge.get("/v1/version", headers=using)[0] == 401
            filler.unlink()
            end = time.monotonic() + 20
            while time.monotonic() < end:
                status, _, body = submit(bridge, f"after-{time.monotonic_ns()}", limit_price="200")
                if status == 201:
                    break
                threading.Event().wait(0.2)
            assert status == 201, body
            result = bridge.get("/v1/audit/verify")[2]
            assert result["ok"], result
        assert verify(folder)[0] == 0
        assert any(entry["kind"] == "resumed" for entry in entries(folder))
    finally:
        subprocess.run(["umount", str(disk)], capture_output=True)


def fill(path):
    """Writes until nothing is left."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    for size in (1 << 20, 4096):
        try:
            while os.write(descriptor, b"x" * size):
                pass
        except OSError:
            pass
    os.close(descriptor)


def running_on(folder):
    """A bridge whose state is in `folder`."""
    import contextlib

    from conftest import START_LIMIT, Bridge

    @contextlib.contextmanager
    def run():
        ready, out = folder.parent.parent / "ready.json", folder.parent.parent / "stdout"
        command = [binary(), "serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(folder), "--ready-file",
                   str(ready)]
        with open(out, "wb") as stdout, open(out.with_name("stderr"), "wb") as stderr:
            process = subprocess.Popen(command, stdout=stdout, stderr=stderr)
        end = time.monotonic() + START_LIMIT
        while not ready.exists():
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise AssertionError(out.with_name("stderr").read_text()[-4000:])
            threading.Event().wait(0.02)
        bridge = Bridge(process, json.loads(ready.read_text()), out)
        try:
            yield bridge
        finally:
            bridge.stop()

    return run()
