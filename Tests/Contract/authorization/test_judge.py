"""The bridge's logins, judged by an authorization server of other people's making."""

import http.client
import threading
import time
import urllib.parse

import pytest

from judge_server import Client, judge
from logins import ACCOUNT, fetch, logins


@pytest.fixture
def court():
    """A judge, and a bridge whose account logs in there; the simulated broker takes whatever token the judge gives."""
    with judge() as server, logins(oauth_url=server.url, scopes='["4", "6"]') as pair:
        pair.bend(accept_foreign=True)
        pair.start()
        yield server, pair


def log_in(server, pair):
    status, headers, text = fetch("GET", pair.begin())
    assert status == 302, text
    assert fetch("GET", headers["Location"])[0] == 200
    return pair.until(lambda auth: auth["state"] == "ready")


def test_the_code_flow_is_in_order(court):
    server, pair = court
    auth = log_in(server, pair)
    assert auth["method"] == "oauth" and auth["last_error"] is None
    assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200
    assert server.store.calls.count("/as/clients") == 1 and server.store.calls.count("/as/give") == 1
    assert len(server.store.tokens) == 1 and not server.store.codes and not server.store.violations
    # A second login takes the same client.
    log_in(server, pair)
    assert server.store.calls.count("/as/clients") == 1


def test_every_renewal_presents_the_newest_token_and_none_twice(court):
    server, pair = court
    log_in(server, pair)
    for number in range(5):
        assert pair.post("/auth/refresh")[0] == 200
        if number == 2:
            pair.kill()
            pair.start()
            pair.until(lambda auth: auth["state"] == "ready")
    assert len(server.store.tokens) == 6 and len(server.store.refresh_tokens) == 1
    assert not server.store.violations


@pytest.mark.parametrize("grace", [0, 60], ids=["strict", "forgiving"])
def test_a_renewal_cut_off_behind_the_rotation_is_repeated_once_by_the_next_run(court, grace):
    server, pair = court
    log_in(server, pair)
    server.store.grace = grace
    pair.kill()
    pair.start({"BROKERBRIDGE_KILL_AT": "refresh.answered"})
    pair.until(lambda auth: auth["state"] == "ready")
    with pytest.raises((OSError, http.client.HTTPException)):
        pair.post("/auth/refresh")
    assert pair.bridge.process.wait(20) == -9
    pair.start()
    if grace:
        auth = pair.until(lambda auth: auth["state"] == "ready" and auth["last_error"] is None)
        assert len(server.store.tokens) == 3 and not server.store.violations
    else:
        auth = pair.until(lambda auth: auth["state"] == "authorization_required")
        assert len(server.store.violations) == 1 and "was lost" in auth["last_error"]
        log_in(server, pair)
    assert server.store.calls.count("/as/give") == (3 if grace else 4)
    assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200


def test_a_grant_that_is_gone_needs_a_person(court):
    server, pair = court
    log_in(server, pair)
    server.store.refresh_tokens.clear()
    status, _, problem = pair.post("/auth/refresh")
    assert status == 424 and problem["code"] == "authorization_required"
    assert pair.auth()["state"] == "authorization_required"
    log_in(server, pair)


def test_giving_up_gives_back(court):
    server, pair = court
    log_in(server, pair)
    assert pair.bridge.request("DELETE", ACCOUNT + "/auth")[0] == 200
    end, pause = time.monotonic() + 10, threading.Event()
    while "revoked" not in server.store.calls and time.monotonic() < end:
        pause.wait(0.02)
    assert not server.store.refresh_tokens


def test_a_callback_must_say_whom_it_comes_from(court):
    server, pair = court
    status, headers, _ = fetch("GET", pair.begin())
    location = headers["Location"]
    without = location.split("&iss=")[0]
    assert fetch("GET", without)[0] == 400
    assert fetch("GET", without + "&iss=https%3A%2F%2Fevil.example")[0] == 400
    assert server.store.calls.count("/as/give") == 0
    assert fetch("GET", location)[0] == 200


def test_a_code_injected_into_another_login_is_refused_by_its_proof_key(court):
    server, pair = court
    first, second = pair.begin(), pair.begin()
    stolen = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(fetch("GET", first)[1]["Location"]).query))
    own = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(second).query))
    query = urllib.parse.urlencode({"code": stolen["code"], "state": own["state"], "iss": server.url})
    assert fetch("GET", f"{pair.bridge.url}/oauth/callback?{query}")[0] == 502
    assert not server.store.tokens
    assert pair.auth()["state"] == "authorization_required"


@pytest.mark.parametrize("approved", [True, False])
def test_the_device_grant_is_in_order(court, approved):
    server, pair = court
    status, _, login = pair.post("/auth/device")
    assert status == 201, login
    path = f"{ACCOUNT}/auth/device/{login['id']}"
    end, pause = time.monotonic() + 20, threading.Event()
    # Two polls find the person undecided.
    while server.store.calls.count("/as/give") < 2 and time.monotonic() < end:
        pause.wait(0.05)
    assert pair.bridge.get(path)[2]["state"] == "pending"
    server.decide(login["user_code"], approved)
    while pair.bridge.get(path)[2]["state"] == "pending" and time.monotonic() < end:
        pause.wait(0.05)
    assert pair.bridge.get(path)[2]["state"] == ("authorized" if approved else "denied")
    assert pair.auth()["state"] == ("ready" if approved else "authorization_required")
    assert all(device["interval"] == 1 for device in server.store.devices.values()), "never too fast"


def test_a_confidential_client_authenticates(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("between-us\n")
    secret.chmod(0o600)
    with judge(issuer_in_callback=False) as server, logins(
            oauth_url=server.url, client_id="desk", client_secret_file=str(secret)) as pair:
        pair.bend(accept_foreign=True)
        pair.start()
        server.store.clients["desk"] = Client(
            "desk", [f"http://localhost:{pair.bridge.port}/oauth/callback"], "between-us")
        log_in(server, pair)
        assert pair.post("/auth/refresh")[0] == 200
        assert "/as/clients" not in server.store.calls
        server.store.clients["desk"].secret = "changed"
        status, _, problem = pair.post("/auth/refresh")
        assert status == 424 and "invalid_client" in problem["detail"]
