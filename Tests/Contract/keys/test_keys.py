"""Keys: made, shown once, bounded, revoked at once; and what a caller without the right one gets."""

import json
import pathlib
import subprocess
import threading
import time

from conftest import binary, running


def create(bridge, name, **fields):
    body = {"name": name, "scopes": ["market:read"], "accounts": ["sandbox"], **fields}
    return bridge.request("POST", "/v1/keys", headers={"Content-Type": "application/json"}, body=json.dumps(body))


def using(key):
    return {"Authorization": f"Bearer {key}"}


def test_a_key_is_made_used_and_revoked_at_once(fresh_bridge):
    bridge = fresh_bridge
    status, headers, made = create(bridge, "strategy-1", expires="2099-01-01T00:00:00Z", symbols=["700.HK"])
    assert status == 201 and headers["Location"] == f"/v1/keys/{made['id']}" and headers["Cache-Control"] == "no-store"
    secret = made["key"]
    assert secret.startswith("bb_") and len(secret) == 46
    assert bridge.get("/v1/quotes?symbols=700.HK", headers=using(secret))[0] == 200
    assert bridge.get("/v1/quotes?symbols=AAPL.US", headers=using(secret))[0] == 403
    own = bridge.get("/v1/keys/self", headers=using(secret))[2]
    assert own["name"] == "strategy-1" and own["symbols"] == ["700.HK"] and "hash" not in own
    listed = bridge.get("/v1/keys")[2]["data"]
    assert {key["id"]: key["source"] for key in listed} == {"demo": "configuration", made["id"]: "state"}
    assert secret not in json.dumps(listed) and "hash" not in json.dumps(listed)

    bridge_key, bridge.key = bridge.key, secret
    stream = bridge.stream("topics=quote:700.HK")
    bridge.key = bridge_key
    seen, began = [], time.monotonic()
    reader = threading.Thread(target=lambda: seen.extend(stream.events(30)))
    reader.start()
    threading.Event().wait(0.3)
    status, _, body = bridge.request("DELETE", f"/v1/keys/{made['id']}")
    assert status == 204 and not body
    reader.join(40)
    # At once: long before anything else would end the stream.
    assert not reader.is_alive() and time.monotonic() - began < 10
    assert seen[-1].name == "bye" and seen[-1].data["reason"] == "revoked"
    stream.close()
    assert bridge.get("/v1/quotes?symbols=700.HK", headers=using(secret))[0] == 401
    assert bridge.get("/v1/stream?topics=quote:700.HK", headers=using(secret))[0] == 204
    assert bridge.request("DELETE", f"/v1/keys/{made['id']}")[0] == 404
    assert create(bridge, "strategy-1")[0] == 201


def test_wrong_keys_are_refused_by_field(bridge):
    cases = [
        ({"name": "a b"}, 400, "/name"), ({"name": None}, 400, "/name"), ({"scopes": []}, 400, "/scopes"),
        ({"scopes": ["root"]}, 400, "/scopes"), ({"accounts": "none"}, 400, "/accounts"),
        ({"accounts": ["nowhere"]}, 422, "/accounts"), ({"accounts": "all"}, 403, "/accounts"),
        ({"cidrs": ["10.0.0.1/8"]}, 400, "/cidrs"), ({"expires": "soon"}, 400, "/expires"),
        ({"rates": {"trade": "fast"}}, 400, "/rates/trade"), ({"rates": {"trades": "1/s"}}, 400, "/rates/trades"),
        # A bound that was meant must not become none.
        ({"rates": "10/s"}, 400, "/rates"), ({"rates": []}, 400, "/rates"), ({"risk": "none"}, 400, "/risk"),
        ({"risk": {"max_order_value": "-1"}}, 400, "/risk/max_order_value"),
        ({"risk": {"sides": ["up"]}}, 400, "/risk/sides"), ({"risk": {"bogus": 1}}, 400, "/risk/bogus"),
        ({"admin": True}, 400, "/admin"), ({"__proto__": {}}, 400, "/__proto__"),
    ]
    for fields, expected, field in cases:
        status, _, problem = create(bridge, **{"name": "wrong", **fields})
        assert (status, problem["field"]) == (expected, field), (fields, problem)
    assert create(bridge, "demo")[0] == 409
    assert bridge.request("DELETE", "/v1/keys/demo")[0] == 409
    assert bridge.request("POST", "/v1/keys", body="{}", headers={"Content-Type": "text/plain"})[0] == 415


def test_addresses_and_expiry_bound_a_key(bridge):
    elsewhere = create(bridge, "elsewhere", cidrs=["10.0.0.0/8"])[2]["key"]
    here = create(bridge, "here", cidrs=["127.0.0.0/8"])[2]["key"]
    past = create(bridge, "past", expires="2020-01-01T00:00:00Z")[2]["key"]
    for _ in range(2):
        assert bridge.get("/v1/version", headers=using(elsewhere))[0] == 401
        assert bridge.get("/v1/version", headers=using(here))[0] == 200
        assert bridge.get("/v1/version", headers=using(past))[0] == 401
    # A header anybody can write opens nothing.
    spoofed = {**using(elsewhere), "X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1"}
    assert bridge.get("/v1/version", headers=spoofed)[0] == 401


def test_keys_outlive_the_process_and_revocations_do_too(pair):
    made = pair.bridge.request(
        "POST", "/v1/keys", headers={"Content-Type": "application/json"},
        body=json.dumps({"name": "kept", "scopes": ["market:read"], "accounts": "all"}))[2]
    gone = pair.bridge.request(
        "POST", "/v1/keys", headers={"Content-Type": "application/json"},
        body=json.dumps({"name": "gone", "scopes": ["market:read"], "accounts": "all"}))[2]
    assert pair.bridge.request("DELETE", f"/v1/keys/{gone['id']}")[0] == 204
    pair.kill()
    pair.start()
    assert pair.bridge.get("/v1/version", headers=using(made["key"]))[0] == 200
    assert pair.bridge.get("/v1/version", headers=using(gone["key"]))[0] == 401
    assert pair.bridge.get("/v1/stream?topics=session:main", headers=using(gone["key"]))[0] == 204
    state = (pair.folder / "state" / "bridge.sqlite").read_bytes() + b"".join(
        path.read_bytes() for path in (pair.folder / "state").glob("bridge.sqlite-wal"))
    assert made["key"].encode() not in state


def test_the_command_keeps_keys_in_a_state(tmp_path):
    state = tmp_path / "state"

    def key(*arguments):
        return subprocess.run([binary(), "key", *arguments, "--state", str(state)], capture_output=True, text=True)

    done = key("create", "--name", "ops", "--scope", "market:read", "--expires", "2099-01-01T00:00:00Z")
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    identifier = next(word.rstrip(",") for word in words if word.startswith("key_"))
    secret = next(word for word in words if word.startswith("bb_"))
    assert key("create", "--name", "ops", "--scope", "market:read").returncode == 1
    listed = key("list")
    assert identifier in listed.stdout and "ops: market:read" in listed.stdout and secret not in listed.stdout
    with served(state) as bridge:
        assert bridge.get("/v1/version", headers=using(secret))[0] == 200
        # Whose state is in use is said, and nothing is changed behind its back.
        assert key("revoke", identifier).returncode == 75
    assert key("revoke", identifier).returncode == 0
    assert key("revoke", identifier).returncode == 1
    with served(state) as bridge:
        assert bridge.get("/v1/version", headers=using(secret))[0] == 401


def served(state):
    """A bridge on a given state folder."""
    import contextlib

    from conftest import START_LIMIT, Bridge

    @contextlib.contextmanager
    def run():
        ready, out = state.parent / "ready.json", state.parent / "stdout"
        with open(out, "wb") as stdout, open(out.with_name("stderr"), "wb") as stderr:
            process = subprocess.Popen(
                [binary(), "serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(state), "--ready-file",
                 str(ready)], stdout=stdout, stderr=stderr)
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


def test_guessing_is_slowed_while_the_right_key_works(fresh_bridge):
    bridge = fresh_bridge
    statuses = []
    for number in range(60):
        status, headers, _ = bridge.get("/v1/version", headers=using(f"bb_{number:042d}A"))
        statuses.append(status)
        assert bridge.get("/v1/version")[0] == 200
    assert statuses[0] == 401 and statuses[-1] == 429 and int(headers["Retry-After"]) >= 1
    assert statuses.count(401) < 50
    assert f"brokerbridge_refused_keys_total {len(statuses)}".encode() in bridge.get("/metrics")[2]


def test_every_other_way_to_present_a_key_is_refused(bridge):
    key = bridge.key
    import base64

    basic = base64.b64encode(f"user:{key}".encode()).decode()
    for headers in [
        {"Authorization": f"Basic {basic}"}, {"Authorization": key}, {"Authorization": f"Bearer {key[:-1]}"},
        {"Authorization": f"Bearer {key}x"}, {"Authorization": f"Bearer {key.swapcase()}"},
        {"Authorization": "Bearer " + "x" * 8000}, {"Authorization": "", "Cookie": f"key={key}"},
        {"Authorization": "", "X-API-Key": key},
    ]:
        status, answered, _ = bridge.get("/v1/version", headers=headers)
        assert status in (400, 401, 429) and "set-cookie" not in {name.lower() for name in answered}, headers
    assert bridge.get(f"/v1/version?key={key}", headers={"Authorization": ""})[0] == 401
    connection = bridge.connection()
    connection.putrequest("GET", "/v1/version")
    for _ in range(2):
        connection.putheader("Authorization", f"Bearer {key}")
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()


WRITES = [
    ("POST", "/v1/accounts/sandbox/orders"), ("POST", "/v1/accounts/sandbox/orders/cancel-all"),
    ("PATCH", "/v1/accounts/sandbox/orders/x"), ("DELETE", "/v1/accounts/sandbox/orders/x"),
    ("POST", "/v1/accounts/sandbox/session/reconnect"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/x"),
    ("GET", "/v1/keys"), ("GET", "/v1/audit"), ("GET", "/v1/audit/verify"), ("GET", "/metrics"),
    ("POST", "/v1/accounts/sandbox/auth/refresh"), ("DELETE", "/v1/accounts/sandbox/auth"),
    ("PUT", "/v1/accounts/sandbox/risk"), ("PUT", "/v1/accounts/sandbox/kill-switch"), ("PUT", "/v1/kill-switch"),
    ("DELETE", "/v1/accounts/sandbox/kill-switch"), ("DELETE", "/v1/kill-switch"),
    ("GET", "/v1/accounts/sandbox/orders"), ("GET", "/v1/accounts/sandbox/balances"),
]


def test_a_key_that_reads_may_not_write(bridge):
    reader = create(bridge, "reader")[2]["key"]
    headers = {**using(reader), "Content-Type": "application/json", "Idempotency-Key": "reader"}
    for method, path in WRITES:
        status, _, problem = bridge.request(method, path, headers=headers, body="{}" if method != "GET" else None)
        assert (status, problem["code"]) == (403, "insufficient_scope"), (method, path, problem)


def test_a_key_that_cancels_may_not_submit(bridge):
    canceller = create(bridge, "canceller", scopes=["trade:cancel"])[2]["key"]
    headers = {**using(canceller), "Content-Type": "application/json", "Idempotency-Key": "canceller"}
    assert bridge.request("POST", "/v1/accounts/sandbox/orders", headers=headers, body="{}")[0] == 403
    assert bridge.request("PATCH", "/v1/accounts/sandbox/orders/x", headers=headers, body="{}")[0] == 403
    assert bridge.request("DELETE", "/v1/accounts/sandbox/orders/ord_x", headers=using(canceller))[0] in (400, 404)


def test_another_account_is_as_good_as_none(bridge):
    other = create(bridge, "other", accounts=[], scopes=["market:read", "account:read", "trade"])[2]["key"]
    known = bridge.get("/v1/accounts/sandbox", headers=using(other))
    unknown = bridge.get("/v1/accounts/nowhere", headers=using(other))
    assert known[0] == unknown[0] == 404
    assert {**known[2], "request_id": 0} == {**unknown[2], "request_id": 0}
    assert bridge.get("/v1/accounts", headers=using(other))[2]["data"] == []


def test_foreign_pages_get_nothing(bridge):
    """FAULTS B1 to B3: host, origins, simple content types."""
    for host in ["evil.example", f"127.0.0.1.evil.example:{bridge.port}", "127.0.0.1:1", ""]:
        for path in ["/v1/version", "/healthz", "/metrics", "/nowhere"]:
            status, _, _ = bridge.get(path, headers={"Host": host})
            assert status in (400, 421), (host, path, status)
    assert bridge.get("/v1/version", headers={"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1"})[0] == 421
    for origin in ["https://evil.example", "null", f"http://127.0.0.1:{bridge.port + 1}", "http://localhost.evil.example"]:
        _, headers, _ = bridge.get("/v1/version", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in headers
        _, headers, _ = bridge.request(
            "OPTIONS", "/v1/keys", headers={"Origin": origin, "Access-Control-Request-Method": "POST",
                                            "Access-Control-Request-Private-Network": "true"})
        assert "Access-Control-Allow-Origin" not in headers and "Access-Control-Allow-Private-Network" not in headers
    for kind in [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]:
        headers = {"Idempotency-Key": "csrf", **({"Content-Type": kind} if kind else {})}
        status = bridge.request("POST", "/v1/accounts/sandbox/orders", headers=headers, body="{}")[0]
        assert status == 415, kind


def test_a_foreign_page_with_a_right_key_changes_nothing(start, tmp_path):
    """FAULTS B3: a page may have found a key. Pages of the configuration, and the bridge's own, may do what their key may."""
    file = tmp_path / "b.yaml"
    file.write_text(
        'listen: {public_url: "https://bridge.example.com"}\ncors: {origins: ["https://app.example.com:443/"]}\n')
    with start("serve", "--sandbox", "--config", str(file)) as bridge:
        name = 0
        for origin, host, status in [
            ("https://evil.example", None, 403), ("null", None, 403), (f"http://127.0.0.1:{bridge.port + 1}", None, 403),
            (f"http://127.0.0.1:{bridge.port}", None, 201), ("https://app.example.com", None, 201),
            ("https://bridge.example.com", None, 201), ("https://bridge.example.com", "bridge.example.com", 201),
            ("https://bridge.example.com.evil.example", "bridge.example.com", 403), (None, "bridge.example.com", 201),
        ]:
            name += 1
            headers = {"Content-Type": "application/json", **({"Origin": origin} if origin else {}), **({"Host": host} if host else {})}
            body = json.dumps({"name": f"page-{name}", "scopes": ["market:read"], "accounts": ["sandbox"]})
            answered, _, answer = bridge.request("POST", "/v1/keys", headers=headers, body=body)
            assert answered == status, (origin, host, answer)
            if status == 403:
                assert answer["code"] == "origin_not_allowed", answer
            # What only reads is answered; the page's browser keeps the answer from it.
            assert bridge.get("/v1/keys", headers=headers)[0] == 200
        names = {key["name"] for key in bridge.get("/v1/keys")[2]["data"]}
        assert {n for n in names if n.startswith("page-")} == {"page-4", "page-5", "page-6", "page-7", "page-9"}


def test_methods_are_what_they_say(bridge):
    before = len(bridge.get("/v1/keys")[2]["data"])
    for headers in [{"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "POST"}]:
        assert bridge.get("/v1/keys", headers=headers)[0] == 200
    assert len(bridge.get("/v1/keys")[2]["data"]) == before
    for method in ["TRACE", "CONNECT", "PUT"]:
        assert bridge.request(method, "/v1/version")[0] in (400, 405, 501)
