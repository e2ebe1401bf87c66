"""Logins: by a browser, by a code, by the command, by a file; and callbacks that nobody asked for."""

import base64
import hashlib
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse

import pytest

from conftest import KEY_OF_TESTS, binary
from logins import ACCOUNT, agree, fetch, logins


@pytest.fixture
def pair():
    with logins() as pair:
        pair.start()
        yield pair


def query(url):
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))


def test_a_person_agrees_and_the_account_opens(pair):
    assert pair.until(lambda auth: auth["state"] == "authorization_required")["method"] == "oauth"
    status, _, problem = pair.bridge.get("/v1/quotes?symbols=700.HK")
    assert status == 424 and problem["code"] == "authorization_required"
    stream = pair.bridge.stream("topics=session:main")
    url = pair.begin()
    asked = query(url)
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://localhost:{pair.bridge.port}/oauth/callback"
    status, _, page = fetch("GET", url)
    assert status == 200 and "Approve" in page
    # The page's own form, with its button pressed.
    fields = re.findall(r'name="(\w+)" value="([^"]*)"', page)
    form = urllib.parse.urlencode([(n, v.replace("&amp;", "&")) for n, v in fields if n != "decision"])
    status, headers, _ = fetch(
        "POST", f"{pair.base}/oauth2/authorize", form + "&decision=approve",
        {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 302
    status, headers, page = fetch("GET", headers["Location"])
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    auth = pair.until(lambda auth: auth["state"] == "ready")
    assert auth["expires_at"] and auth["last_refresh"] and auth["last_error"] is None
    super(type(pair), pair).until_ready()
    assert pair.bridge.get("/v1/quotes?symbols=700.HK")[0] == 200
    assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200
    states = []
    for event in stream.events(5):
        if event.name == "auth":
            states.append(event.data["state"])
        if "ready" in states:
            break
    stream.close()
    assert "ready" in states
    metrics = pair.bridge.get("/metrics")[2].decode()
    assert 'brokerbridge_auth_ready{account="main"} 1' in metrics
    seconds = int(re.search(r'brokerbridge_auth_expires_seconds\{account="main"\} (\d+)', metrics)[1])
    assert 2_500_000 < seconds <= 2_592_000
    assert pair.server()["registrations"] == 1 and pair.server()["codes"] == 1


def test_a_login_outlives_the_process_and_nothing_of_it_is_readable(pair):
    pair.login()
    before = pair.server()
    pair.kill()
    pair.start()
    super(type(pair), pair).until_ready()
    assert pair.auth()["state"] == "ready"
    assert pair.server() == before
    everything = pair.log().encode() + b"".join(
        path.read_bytes() for path in (pair.folder / "state").iterdir() if path.is_file())
    for mark in [b"hk_m_", b"rt_", b"ac_", b"rat_"]:
        assert not re.search(mark + rb"[0-9a-f]{20}", everything)
    assert b"code_verifier" not in everything
    assert (pair.folder / "state" / "state-key").stat().st_mode & 0o777 == 0o600


def test_a_wrong_key_is_told_and_changes_nothing(pair):
    pair.login()
    assert pair.bridge.stop() == 0
    key = pair.folder / "state" / "state-key"
    right = key.read_text()
    key.write_text("0" * 64 + "\n")
    status, text = pair.refused_start()
    assert status == 78 and "another key" in text
    key.unlink()
    status, text = pair.refused_start()
    assert status == 78 and "missing" in text and not key.exists()
    key.write_text(right)
    key.chmod(0o600)
    pair.start()
    super(type(pair), pair).until_ready()
    assert pair.server()["token_calls"] == 1


def test_a_second_process_on_the_same_state_ends_at_once(pair):
    status, text = pair.refused_start()
    assert status == 75 and str(pair.bridge.process.pid) in text


def test_callbacks_nobody_asked_for_change_nothing(pair):
    url = pair.begin()
    state = query(url)["state"]
    callback = f"{pair.bridge.url}/oauth/callback"
    script = "<script>alert(1)</script>"
    attacks = [
        "", "?", "?code=x", f"?state={state}", "?state=foreign&code=x", f"?state={state[:-1]}&code=x",
        f"?state={state}&code=a&code=b", f"?state={state}&state={state}&code=a", f"?state={state}&code=",
        f"?state={state}&error={urllib.parse.quote(script)}",
        f"?state={state}&error=access_denied&error_description={urllib.parse.quote(script)}",
        f"?state={state}&code=x&iss=https://evil.example", f"?state={state}&code={'c' * 5000}",
        f"?error={urllib.parse.quote(script)}",
    ]
    for attack in attacks:
        status, headers, page = fetch("GET", callback + attack)
        assert status == 400, (attack, status)
        assert "script" not in page and "evil" not in page and state not in page, attack
    assert pair.server()["token_calls"] == 0
    # The flow is as good as before, and then used up.
    location = agree(url)
    assert fetch("GET", location)[0] == 200
    assert fetch("GET", location)[0] == 400
    assert pair.server()["token_calls"] == 1
    assert pair.until(lambda auth: auth["state"] == "ready")
    assert state not in pair.log() and query(location)["code"] not in pair.log()


def test_a_code_of_another_login_gives_no_token(pair):
    first, second = pair.begin(), pair.begin()
    code = query(agree(first))["code"]
    status, _, page = fetch("GET", f"{pair.bridge.url}/oauth/callback?state={query(second)['state']}&code={code}")
    assert status == 502 and code not in page
    assert pair.auth()["state"] == "authorization_required"


def test_a_person_who_says_no_may_say_yes_later(pair):
    url = pair.begin()
    state = query(url)["state"]
    assert fetch("GET", f"{pair.bridge.url}/oauth/callback?state={state}&error=access_denied")[0] == 400
    assert fetch("GET", agree(url))[0] == 200
    pair.until(lambda auth: auth["state"] == "ready")


def test_a_code_is_typed_on_another_machine(pair):
    pair.bend(device_interval=1)
    status, _, login = pair.post("/auth/device")
    assert status == 201 and login["state"] == "pending" and re.fullmatch(r"[A-Z]{4}-[A-Z]{4}", login["user_code"])
    path = f"{ACCOUNT}/auth/device/{login['id']}"
    assert pair.bridge.get(path)[2]["state"] == "pending"
    assert fetch("GET", login["verification_uri_complete"])[0] == 200
    assert fetch("GET", login["verification_uri_complete"] + "&auto_approve=1")[0] == 200
    pair.until(lambda auth: auth["state"] == "ready")
    super(type(pair), pair).until_ready()
    assert pair.bridge.get(path)[2]["state"] == "authorized"
    assert pair.bridge.get(f"{ACCOUNT}/auth/device/unknown")[0] == 404


def test_a_code_that_is_denied_ends_the_login(pair):
    pair.bend(device_interval=1)
    _, _, login = pair.post("/auth/device")
    form = f"user_code={login['user_code']}&decision=deny"
    assert fetch("POST", login["verification_uri"], form)[0] == 200
    end, pause = time.monotonic() + 10, threading.Event()
    while pair.bridge.get(f"{ACCOUNT}/auth/device/{login['id']}")[2]["state"] == "pending" and time.monotonic() < end:
        pause.wait(0.1)
    assert pair.bridge.get(f"{ACCOUNT}/auth/device/{login['id']}")[2]["state"] == "denied"


@pytest.mark.parametrize("by", ["browser", "device"])
def test_the_command_shows_what_to_do_and_waits(pair, by):
    pair.bend(device_interval=1)
    key = pair.folder / "key"
    key.write_text(KEY_OF_TESTS + "\n")
    key.chmod(0o600)
    command = [binary(), "login", "main", "--url", pair.bridge.url, "--key-file", str(key)]
    process = subprocess.Popen(
        command + (["--device"] if by == "device" else []), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    text = ""
    while "Waiting" not in text:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        text += line
    if by == "browser":
        url = re.search(r"http://\S+/oauth2/authorize\S+", text)[0]
        assert fetch("GET", agree(url))[0] == 200
    else:
        code = re.search(r"\b[A-Z]{4}-[A-Z]{4}\b", text)[0]
        assert fetch("POST", f"{pair.base}/oauth2/device", f"user_code={code}&decision=approve")[0] == 200
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, (out, err)
    assert "authorized" in out and KEY_OF_TESTS not in text + out + err
    assert pair.auth()["state"] == "ready"


def test_the_command_says_why_it_cannot(pair):
    environment = {**os.environ, "BROKERBRIDGE_KEY": "bb_" + "B" * 43}
    done = subprocess.run(
        [binary(), "login", "main", "--url", pair.bridge.url], env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "key" in done.stderr
    done = subprocess.run(
        [binary(), "login", "other", "--url", pair.bridge.url], env={**os.environ, "BROKERBRIDGE_KEY": KEY_OF_TESTS},
        capture_output=True, text=True, timeout=20)
    assert done.returncode == 1 and "account" in done.stderr


def test_giving_the_tokens_up_ends_the_sessions_and_tells_the_broker(pair):
    pair.login()
    status, _, auth = pair.bridge.request("DELETE", ACCOUNT + "/auth")
    assert status == 200 and auth["state"] == "authorization_required"
    end, pause = time.monotonic() + 10, threading.Event()
    while pair.server()["revocations"] == 0 and time.monotonic() < end:
        pause.wait(0.05)
    assert pair.server()["families"] == 0
    while time.monotonic() < end:
        links = pair.bridge.get(ACCOUNT + "/session")[2]["links"]
        if all(link["state"] == "held" for link in links):
            break
        pause.wait(0.05)
    assert all(link["state"] == "held" for link in links), links
    pair.kill()
    pair.start()
    assert pair.until(lambda auth: auth["state"] != "refreshing")["state"] == "authorization_required"
    pair.login()


def test_a_token_without_the_scope_is_told_with_the_brokers_code(pair):
    pair.bend(scopes="0 4")
    pair.login()
    status, _, problem = pair.bridge.get(ACCOUNT + "/balances")
    assert status == 403 and problem["code"] == "upstream_not_permitted"
    assert problem["upstream"]["code"] == "403308" and "scope" in problem["detail"]


def test_the_rights_of_a_key_are_asked_for(pair):
    for method, path in [("POST", "/auth/authorize"), ("POST", "/auth/device"), ("POST", "/auth/refresh"),
                         ("DELETE", "/auth"), ("GET", "/auth/device/x")]:
        status, _, problem = pair.bridge.request(method, ACCOUNT + path, headers={"Authorization": "Bearer bb_x"})
        assert status == 401, (path, problem)
        status, _, problem = pair.bridge.request(method, "/v1/accounts/foreign" + path)
        assert status == 404, (path, problem)


def test_a_confidential_client_shows_its_secret(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret-of-the-client\n")
    secret.chmod(0o600)
    with logins(client_id="desk-1", client_secret_file=str(secret), scopes="[\"4\", \"6\"]") as pair:
        pair.start()
        callback = f"http://localhost:{pair.bridge.port}/oauth/callback"
        pair.bend(client_id="desk-1", client_secret="s3cret-of-the-client", redirect_uri=callback)
        url = pair.begin()
        assert query(url)["client_id"] == "desk-1" and query(url)["scope"] == "4 6"
        assert fetch("GET", agree(url))[0] == 200
        pair.until(lambda auth: auth["state"] == "ready")
        assert pair.post("/auth/refresh")[0] == 200
        assert pair.server()["refreshes"] == 1
        pair.bend(client_id="desk-1", client_secret="another", redirect_uri=callback)
        status, _, problem = pair.post("/auth/refresh")
        assert status == 424 and "invalid_client" in problem["detail"]
        assert "s3cret" not in pair.log()


def test_the_vendors_token_file_is_taken_over(tmp_path):
    """Tokens of a first bridge's login, written as the vendor's SDK writes them, open the account of a second one."""
    file = tmp_path / "token"
    file.write_text("{}")
    file.chmod(0o600)
    with logins(token_file=str(file)) as pair:
        client = json.loads(fetch(
            "POST", f"{pair.base}/oauth2/register",
            json.dumps({"client_name": "sdk", "redirect_uris": ["http://localhost:60355/callback"]}))[2])["client_id"]
        authorize = f"{pair.base}/oauth2/authorize?response_type=code&client_id={client}&redirect_uri=" + \
            urllib.parse.quote("http://localhost:60355/callback", safe="")
        code = query(agree(authorize))["code"]
        tokens = json.loads(fetch("POST", f"{pair.base}/oauth2/token", urllib.parse.urlencode({
            "grant_type": "authorization_code", "client_id": client, "code": code,
            "redirect_uri": "http://localhost:60355/callback"}))[2])
        # It ends in two seconds: the bridge renews it while nobody calls.
        file.write_text(json.dumps({
            "client_id": client, "access_token": tokens["access_token"], "refresh_token": tokens["refresh_token"],
            "expires_at": int(time.time()) + 3}, indent=2))
        pair.start()
        auth = pair.until(lambda auth: auth["last_refresh"] is not None)
        super(type(pair), pair).until_ready()
        assert pair.auth()["state"] == "ready" and pair.server()["refreshes"] == 1
        # The old file is not taken over again.
        pair.kill()
        pair.start()
        super(type(pair), pair).until_ready()
        assert pair.server()["refreshes"] == 1 and pair.server()["replays"] == 0
        assert auth["expires_at"] is not None


def test_a_portal_token_is_renewed_on_demand_and_kept():
    from conftest import paired

    with paired(trade_calls=100_000) as pair:
        status, _, auth = pair.bridge.request("POST", ACCOUNT + "/auth/refresh", timeout=60)
        assert status == 200 and auth["method"] == "api_key" and auth["state"] == "ready"
        assert auth["expires_at"] and auth["last_refresh"]
        assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200
        pair.kill()
        pair.start()
        assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200
        assert pair.bridge.request("POST", ACCOUNT + "/auth/authorize")[0] == 501


def test_an_order_is_not_sent_again_for_a_401_that_is_not_the_brokers(pair):
    fetch("GET", agree(pair.begin()))
    pair.until(lambda auth: auth["state"] == "ready")
    super(type(pair), pair).until_ready()
    pair.control("trading", paused=True)
    pair.control("trading", call="POST /v1/trade/order", fault="401-after")
    order = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}
    status, _, placed = pair.bridge.request(
        "POST", ACCOUNT + "/orders", headers={"Idempotency-Key": "once", "Content-Type": "application/json"},
        body=json.dumps(order))
    # Unknown, unless the push of the order was faster than the spoilt answer.
    assert (status, placed["outcome"]) in [(202, "unknown"), (201, "accepted")]
    # The broker keeps to its own idempotency; a call more would still be one too many.
    assert pair.broker.sandbox("GET", "counters")["calls"]["POST /v1/trade/order"] == 1


@pytest.mark.parametrize("by", ["browser", "device"])
def test_a_person_of_the_united_states_is_known_by_the_token(pair, by):
    """What the account can do follows; tokens are renewed at the data centre they are of."""
    if by == "browser":
        status, headers, text = fetch("GET", pair.begin() + "&auto_approve=1&data_center=us")
        assert status == 302, text
        assert fetch("GET", headers["Location"])[0] == 200
    else:
        pair.bend(device_interval=1)
        login = pair.post("/auth/device")[2]
        assert fetch("GET", login["verification_uri_complete"] + "&auto_approve=1&data_center=us")[0] == 200
    pair.until(lambda auth: auth["state"] == "ready")
    super(type(pair), pair).until_ready()

    def holdings():
        status, _, body = pair.bridge.get(f"{ACCOUNT}/positions")
        assert status == 200, body
        return [p["symbol"] for p in body["data"]]

    assert holdings() == ["AAPL.US"]
    assert "fund_positions" not in pair.bridge.get(ACCOUNT)[2]["capabilities"]
    before = pair.server()["refreshes"]
    assert pair.post("/auth/refresh")[0] in (200, 202)
    pair.until(lambda auth: auth["state"] == "ready" and pair.server()["refreshes"] > before)
    assert holdings() == ["AAPL.US"]
