"""A broker that misbehaves: the link is dropped for a stated reason and comes back, and nothing ends."""

import time

import pytest

ACCOUNT = "sandbox"


def link(bridge, name="quote"):
    status, _, session = bridge.get(f"/v1/accounts/{ACCOUNT}/session")
    assert status == 200
    return next(link for link in session["links"] if link["link"] == name)


def until(bridge, wanted, seconds=20, name="quote"):
    """Follows the events of one of the session's links until it is as wanted."""
    if wanted(link(bridge, name)):
        return link(bridge, name)
    stream = bridge.stream(f"topics=session:{ACCOUNT}")
    try:
        for event in stream.events(seconds):
            if event.name == "session" and event.data["link"] == name and wanted(event.data):
                return event.data
    finally:
        stream.close()
    raise AssertionError(link(bridge, name))


@pytest.mark.parametrize("kind", ["truncated", "kind", "oversized", "bomb", "command", "body"])
def test_the_link_is_dropped_with_a_reason_and_comes_back(fresh_bridge, kind):
    before = fresh_bridge.resident_kilobytes()
    stream = fresh_bridge.stream("topics=quote:700.HK,session:sandbox")
    reasons, lost, back = [], False, False
    for event in stream.events(20):
        if event.name == "quote" and not lost and not reasons:
            fresh_bridge.sandbox("POST", "garbage", {"kind": kind})
            reasons.append(None)
        elif event.name == "session" and event.data["state"] == "backing_off":
            lost = True
            reasons.append(event.data["reason"])
        elif lost and event.name == "quote":
            back = True
            break
    stream.close()
    assert back, reasons
    assert reasons[-1], "a reason is told"
    assert fresh_bridge.resident_kilobytes() - before < 64 * 1024
    status, _, quotes = fresh_bridge.get("/v1/quotes?symbols=700.HK&max_age_ms=0")
    assert status == 200 and quotes["data"][0]["last"]


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, 5])
def test_each_close_code_leads_back_to_a_session(fresh_bridge, code):
    fresh_bridge.sandbox("POST", "close", {"code": code})
    until(fresh_bridge, lambda status: status["losses"] >= 1 and status["state"] == "ready")


def test_being_taken_over_is_held_until_somebody_acts(fresh_bridge):
    fresh_bridge.sandbox("POST", "close", {"code": 6})
    held = until(fresh_bridge, lambda status: status["state"] == "held")
    assert "Duplicate" in held["reason"]
    status, _, problem = fresh_bridge.get("/v1/quotes?symbols=700.HK&max_age_ms=0")
    assert status == 424 and problem["code"] == "session_not_ready"
    status, _, _ = fresh_bridge.request("POST", f"/v1/accounts/{ACCOUNT}/session/reconnect")
    assert status == 202
    until(fresh_bridge, lambda status: status["state"] == "ready")


def test_refused_credentials_are_never_dialled_again(fresh_bridge):
    fresh_bridge.sandbox("POST", "logins", {"refused": True})
    fresh_bridge.sandbox("POST", "expire")
    fresh_bridge.sandbox("POST", "drop")
    for name in ("quote", "trade"):
        until(fresh_bridge, lambda status: status["link"] == name and status["state"] == "held", name=name)
    status, _, auth = fresh_bridge.get(f"/v1/accounts/{ACCOUNT}/auth")
    assert status == 200 and auth["state"] == "authorization_required"
    calls = fresh_bridge.sandbox("GET", "counters")["calls"]["/v1/socket/token"]
    stream = fresh_bridge.stream("topics=session:sandbox")
    assert [event.name for event in stream.events(3)] == ["hello", "session", "session"]
    stream.close()
    assert fresh_bridge.sandbox("GET", "counters")["calls"]["/v1/socket/token"] == calls
    assert fresh_bridge.get("/healthz")[0] == 200 and fresh_bridge.get("/readyz")[0] == 200
    fresh_bridge.sandbox("POST", "logins", {"refused": False})
    assert fresh_bridge.request("POST", f"/v1/accounts/{ACCOUNT}/session/reconnect")[0] == 202
    until(fresh_bridge, lambda status: status["state"] == "ready")


def test_unknown_securities_are_told_apart_and_the_rest_is_answered(bridge):
    status, _, body = bridge.get("/v1/quotes?symbols=700.HK,NOSUCH.HK,garbled")
    assert status == 200
    assert [quote["symbol"] for quote in body["data"]] == ["700.HK"]
    assert {error["symbol"]: error["problem"]["code"] for error in body["errors"]} == {
        "NOSUCH.HK": "invalid_symbol", "garbled": "invalid_symbol",
    }


def test_a_refused_topic_is_told_and_the_others_go_on(bridge):
    stream = bridge.stream("topics=quote:NOSUCH.HK,quote:5.HK")
    refused, live = None, False
    for event in stream.events(20):
        if event.name == "subscription":
            refused = event.data["refused"][0]
        if event.name == "quote" and event.data["symbol"] == "5.HK":
            live = True
        if refused and live:
            break
    stream.close()
    assert live and refused["topic"] == "quote:NOSUCH.HK"
