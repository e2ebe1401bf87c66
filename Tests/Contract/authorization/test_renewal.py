"""The life of a login's tokens, on the broker's bad days and on ours: docs/authorization.md says what must hold."""

import http.client
import json
import pathlib
import resource
import shutil
import subprocess
import threading
import time

import pytest

from clocks import Clock
from logins import ACCOUNT, logins

HOUR, DAY = 3600, 86400


@pytest.fixture
def pair():
    with logins() as pair:
        pair.start()
        pair.login()
        yield pair


def eventually(wanted, seconds=20):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        value = wanted()
        if value:
            return value
        pause.wait(0.02)
    raise AssertionError("not in time")


def in_parallel(count, body):
    results, threads = [None] * count, []
    for number in range(count):
        def run(number=number):
            results[number] = body(number)
        threads.append(threading.Thread(target=run))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def balances(pair):
    return pair.bridge.get(ACCOUNT + "/balances", timeout=60)[0]


def test_a_hundred_calls_at_an_ended_token_are_one_renewal(pair):
    pair.bend(expire=True, delay_ms=300)
    statuses = in_parallel(100, lambda _: balances(pair))
    assert statuses == [200] * 100
    server = pair.server()
    assert server["refreshes"] == 1 and server["replays"] == 0 and server["token_calls"] == 2


def test_parallel_requests_for_a_renewal_are_one(pair):
    pair.bend(delay_ms=300)
    answers = in_parallel(10, lambda _: pair.post("/auth/refresh")[0])
    assert set(answers) == {200}
    assert pair.server()["refreshes"] <= 2 and pair.server()["replays"] == 0


def test_a_renewed_token_is_the_one_in_use_and_kept(pair):
    before = pair.auth()
    status, _, after = pair.post("/auth/refresh")
    assert status == 200 and after["last_refresh"] > before["last_refresh"]
    assert balances(pair) == 200
    pair.kill()
    pair.start()
    eventually(lambda: balances(pair) == 200)
    assert pair.server()["refreshes"] == 1


def test_a_withdrawn_consent_needs_a_person_once_and_for_all(pair):
    stream = pair.bridge.stream("topics=session:main")
    pair.bend(revoke=True)
    status, _, problem = pair.bridge.get(ACCOUNT + "/balances")
    assert status == 424 and problem["code"] == "authorization_required" and problem["retryable"] is False
    auth = pair.auth()
    assert auth["state"] == "authorization_required" and "invalid_grant" in auth["last_error"]
    told = (event.data["state"] for event in stream.events(20) if event.name == "auth")
    assert "authorization_required" in told
    stream.close()
    calls = pair.server()["token_calls"]
    assert in_parallel(20, lambda _: balances(pair)) == [424] * 20
    pair.kill()
    pair.start()
    assert pair.until(lambda auth: auth["state"] != "refreshing")["state"] == "authorization_required"
    assert balances(pair) == 424
    # Not once more, also not by the next process.
    assert pair.server()["token_calls"] == calls
    assert pair.bridge.get("/readyz")[0] == 200
    pair.login()
    assert balances(pair) == 200


def test_the_old_token_is_used_while_the_endpoint_fails(pair):
    pair.bend(fail_status=503, fail_times=2)
    status, _, problem = pair.post("/auth/refresh")
    assert status == 502 and problem["retryable"] is True and "503" in problem["detail"]
    assert balances(pair) == 200
    # It tries again by itself.
    eventually(lambda: pair.server()["refreshes"] == 1)
    assert balances(pair) == 200


@pytest.mark.parametrize("status", [500, 429, 302, 200])
def test_an_ended_token_and_a_failing_endpoint_are_answered_with_a_time(pair, status):
    pair.bend(expire=True, fail_status=status, fail_times=1, retry_after=3)
    code, headers, problem = pair.bridge.get(ACCOUNT + "/balances")
    assert code == 424 and problem["code"] == "session_not_ready" and problem["retryable"] is True
    assert problem["retry_after_ms"] >= 1000
    assert pair.auth()["state"] == "expiring"
    calls = pair.server()["token_calls"]
    assert in_parallel(20, lambda _: balances(pair)) == [424] * 20
    if status != 200:
        assert pair.server()["token_calls"] == calls
    eventually(lambda: balances(pair) == 200)
    assert pair.server()["refreshes"] == 1


def test_a_lost_answer_is_asked_for_exactly_once_more(pair):
    """The broker has rotated, the answer is lost; to a strict server the repeat is a replay, and a person is asked."""
    pair.bend(drop_answers=1)
    status, _, problem = pair.post("/auth/refresh")
    assert status == 424 and problem["code"] == "authorization_required"
    server = pair.server()
    assert server["token_calls"] == 3 and server["replays"] == 1
    pair.login()
    assert balances(pair) == 200


def test_killed_before_the_endpoint_answers_no_login_is_lost(pair):
    pair.bend(expire=True, fail_status=503, fail_times=1)
    assert balances(pair) == 424
    pair.kill()
    pair.start()
    eventually(lambda: balances(pair) == 200)
    assert pair.auth()["state"] == "ready"


def test_killed_between_rotation_and_store_one_try_is_made(pair):
    pair.bend(delay_ms=5000)
    asking = threading.Thread(target=lambda: pytest.raises(Exception, pair.post, "/auth/refresh"))
    asking.start()
    eventually(lambda: pair.server()["refreshes"] == 1)
    pair.kill()
    asking.join()
    pair.bend(delay_ms=0)
    pair.start()
    pair.until(lambda auth: auth["state"] == "authorization_required")
    server = pair.server()
    assert server["token_calls"] == 3 and server["replays"] == 1
    assert balances(pair) == 424 and pair.server()["token_calls"] == 3
    pair.login()
    assert balances(pair) == 200


@pytest.mark.parametrize("grace", [0, 60_000], ids=["strict", "forgiving"])
@pytest.mark.parametrize("point", ["refresh.begun", "refresh.answered", "refresh.stored"])
def test_killed_between_any_two_steps_of_a_renewal(point, grace):
    """The next run asks once more by itself. A server that forgives that gives the login back; a strict one never does."""
    with logins() as pair:
        pair.start()
        pair.login()
        pair.bend(grace_ms=grace)
        pair.kill()
        pair.start({"BROKERBRIDGE_KILL_AT": point})
        eventually(lambda: balances(pair) == 200)
        with pytest.raises((OSError, http.client.HTTPException)):
            pair.post("/auth/refresh")
        assert pair.bridge.process.wait(20) == -9
        sent = 0 if point == "refresh.begun" else 1
        assert pair.server()["refreshes"] == sent
        pair.start()
        if point == "refresh.answered" and not grace:
            auth = pair.until(lambda auth: auth["state"] == "authorization_required")
            assert "invalid_grant" in auth["last_error"] and "was lost" in auth["last_error"]
            problem = pair.bridge.get(ACCOUNT + "/balances")[2]
            assert problem["code"] == "authorization_required" and "brokerbridge login" in problem["detail"]
            # Exactly one repeat, also by the next run.
            assert pair.server()["replays"] == 1 and pair.server()["token_calls"] == 3
            pair.kill()
            pair.start()
            pair.until(lambda auth: auth["state"] == "authorization_required")
            assert pair.server()["token_calls"] == 3
            pair.login()
        else:
            # Nobody asks for it: the old access token would do where the server forgives.
            eventually(lambda: pair.server()["refreshes"] == (1 if point == "refresh.stored" else sent + 1))
            pair.until(lambda auth: auth["state"] == "ready" and auth["last_error"] is None)
            assert pair.server()["replays"] == 0
        assert balances(pair) == 200


def test_a_repeat_that_is_cut_off_too_is_not_made_at_every_start():
    with logins() as pair:
        pair.start()
        pair.login()
        for _ in range(2):
            pair.kill()
            pair.start({"BROKERBRIDGE_KILL_AT": "refresh.begun"})
            if pair.bridge.process.poll() is None:
                try:
                    pair.post("/auth/refresh")
                except (OSError, http.client.HTTPException):
                    pass
            assert pair.bridge.process.wait(20) == -9
        pair.start()
        # As after two lost answers: tried again after a pause, and nothing is lost.
        pair.until(lambda auth: auth["state"] == "ready" and auth["last_error"] is None)
        assert pair.server()["refreshes"] == 1 and pair.server()["replays"] == 0
        assert balances(pair) == 200


@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_killed_while_the_new_token_is_stored(pair, call):
    """The answer is there; the process ends at the first write, or at the first sync, of the store."""
    pair.bend(expire=True, delay_ms=5000)
    results = []

    def ask():
        # By a call that only reads: nothing else is written then.
        try:
            results.append(balances(pair))
        except (OSError, http.client.HTTPException):
            pass

    asking = threading.Thread(target=ask)
    asking.start()
    # That it was begun is written before.
    eventually(lambda: pair.server()["refreshes"] == 1)
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-P", str(pair.folder / "state" / "bridge.sqlite-wal"), "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL", "-p",
         str(pair.bridge.process.pid)], stderr=subprocess.PIPE, text=True)
    try:
        tasks = pathlib.Path(f"/proc/{pair.bridge.process.pid}/task")
        attached = [False]

        def is_traced():
            attached[0] = tracer.poll() is None and all(
                "TracerPid:\t0" not in (task / "status").read_text() for task in tasks.iterdir())
            return attached[0] or tracer.poll() is not None

        eventually(is_traced)
        if not attached[0]:
            pytest.skip("the process may not be traced here")
        pair.bridge.process.wait(20)
        asking.join()
        assert not results
    finally:
        tracer.kill()
        tracer.wait()
    assert pair.server()["refreshes"] == 1
    pair.bend(delay_ms=0)
    pair.start()
    state = pair.until(lambda auth: auth["state"] != "refreshing")["state"]
    if call == "fdatasync":
        # What was written outlives the process: the new pair is there.
        assert state == "ready"
        eventually(lambda: balances(pair) == 200)
        assert pair.server()["replays"] == 0
    else:
        # The old pair is void at the broker: one try, then a person.
        balances(pair)
        pair.until(lambda auth: auth["state"] == "authorization_required")
        assert pair.server()["replays"] == 1 and pair.server()["token_calls"] == 3
        pair.login()
    assert balances(pair) == 200


def test_stopped_during_a_renewal_the_new_token_is_taken_in(pair):
    pair.bend(delay_ms=700)
    asking = threading.Thread(target=pair.post, args=("/auth/refresh",))
    asking.start()
    eventually(lambda: pair.server()["refreshes"] == 1)
    assert pair.bridge.stop() == 0
    asking.join()
    pair.start()
    eventually(lambda: balances(pair) == 200)
    assert pair.auth()["state"] == "ready" and pair.server()["replays"] == 0


def test_a_broker_that_rejects_every_new_token_is_not_asked_without_pause(pair):
    pair.bend(expires_in=0, expire=True)
    end = time.monotonic() + 4
    while time.monotonic() < end:
        balances(pair)
    assert pair.server()["token_calls"] <= 8


def test_the_end_of_a_token_is_announced_and_nonsense_does_not_hurt(tmp_path):
    file = tmp_path / "token"
    file.write_text(json.dumps({
        "client_id": "gone", "access_token": "hk_m_x", "refresh_token": None, "expires_at": int(time.time()) + 3}))
    file.chmod(0o600)
    with logins(token_file=str(file)) as pair:
        pair.start()
        auth = pair.until(lambda auth: auth["state"] in ("expiring", "authorization_required"))
        assert auth["method"] == "oauth"
        pair.until(lambda auth: auth["state"] == "authorization_required")
        assert pair.server()["refreshes"] == 0


def test_if_the_disk_fails_the_new_token_is_used_and_stored_later(pair):
    """After a rotation nothing can be written: the old pair is void, so the new one is used from memory."""
    limits = resource.prlimit(pair.bridge.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pair.bridge.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    pair.bend(expire=True)
    assert balances(pair) == 200
    assert "could not be stored" in pair.auth()["last_error"]
    assert b'brokerbridge_auth_unsaved{account="main"} 1' in pair.bridge.get("/metrics")[2]
    assert balances(pair) == 200
    resource.prlimit(pair.bridge.process.pid, resource.RLIMIT_FSIZE, limits)
    pair.until(lambda auth: auth["last_error"] is None)
    assert b'brokerbridge_auth_unsaved{account="main"} 0' in pair.bridge.get("/metrics")[2]
    pair.kill()
    pair.start()
    eventually(lambda: balances(pair) == 200)
    assert pair.server()["replays"] == 0 and pair.server()["refreshes"] == 1


def test_a_wall_clock_that_jumps_costs_at_most_one_renewal_each_time(tmp_path):
    clock = Clock(tmp_path)
    with logins() as pair:
        pair.start(clock.environment)
        pair.login()
        known = pair.server()["refreshes"]
        for shift in [HOUR, -HOUR, 7 * DAY, -7 * DAY, 0]:
            clock.move(wall=shift)
            pause = threading.Event()
            for _ in range(20):
                assert balances(pair) in (200, 424)
                pause.wait(0.05)
            eventually(lambda: balances(pair) == 200)
            refreshes = pair.server()["refreshes"]
            assert refreshes <= known + 1, shift
            known = refreshes
        assert pair.auth()["state"] == "ready" and pair.server()["replays"] == 0


def test_nothing_secret_is_written_anywhere(pair):
    pair.post("/auth/refresh")
    pair.bend(expire=True)
    balances(pair)
    pair.bend(revoke=True)
    balances(pair)
    text = pair.log() + pair.bridge.get("/metrics")[2].decode() + json.dumps(pair.auth())
    for mark in ["hk_m_", "rt_", "ac_", "rat_", "Bearer ", "code_verifier", "state="]:
        assert mark not in text, mark
    arguments = open(f"/proc/{pair.bridge.process.pid}/cmdline").read()
    assert "hk_m_" not in arguments and "bb_" not in arguments
