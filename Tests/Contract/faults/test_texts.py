"""Texts of the broker's that were made to do harm arrive as texts, everywhere they are shown."""

import json
import pathlib
import threading
import time

import pytest

HOSTILE = [
    "<script>alert(1)</script>", "\x1b[2J\x1b]0;owned\x07", "one\r\ndata: forged\r\nevent: order\r\n\r\n", "a\u2028b\u2029c\x85d",
    '"}],"next_cursor":null}', "\x00\x7f\ufeff\u202egnp.exe", "x" * 20_000, "%n%s\\u0000\\",
]


def place(bridge, key, note=None):
    body = {"symbol": "700.HK", "side": "buy", "type": "limit", "quantity": "100", "limit_price": "300"}
    if note is not None:
        body["note"] = note
    status, _, answer = bridge.request(
        "POST", "/v1/accounts/main/orders", body=json.dumps(body), timeout=40,
        headers={"Content-Type": "application/json", "Idempotency-Key": key})
    assert status in (201, 202), answer
    return answer


def until(wanted, seconds=40):
    end, pause = time.monotonic() + seconds, threading.Event()
    while not (found := wanted()):
        assert time.monotonic() < end, "it did not happen"
        pause.wait(0.05)
    return found


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_reason_of_the_brokers_stays_one_text(pair, text):
    stream = pair.bridge.stream("topics=orders:main")
    events = stream.events(60)
    assert next(events).name == "hello"
    pair.control("trading", reject=1, message=text)
    placed = place(pair.bridge, "hostile")
    seen = None
    for event in events:
        # Nothing of the text became an event, or a field, of its own; every event is one whole document.
        assert event.name == "order" and event.data["id"] == placed["id"] and "forged" not in event.name
        if event.data["status"] == "rejected":
            seen = event.data
            break
    stream.close()
    detail = seen["reject"]["detail"]
    assert len(detail) <= 1024 and detail.strip("…")[:8] == text[:8], detail[:100]
    order = pair.bridge.get(f"/v1/accounts/main/orders/{placed['id']}")[2]
    assert order["reject"] == seen["reject"]
    # In the log and in the audit each record stays a line of its own.
    pair.bridge.stop()
    for line in (pair.folder / "stderr").read_bytes().split(b"\n"):
        assert not line or (json.loads(line) and len(line) <= 4096 and b"\x1b" not in line)
    for file in pathlib.Path(pair.folder / "state" / "audit").glob("*.jsonl"):
        for line in file.read_bytes().split(b"\n"):
            assert not line.strip(b"\0") or (json.loads(line) and b"\x1b" not in line)


def test_a_remark_of_somebody_else_stays_one_text(pair):
    for number, text in enumerate(HOSTILE):
        pair.control("order", do="place", symbol="5.HK", side="Buy", price="60", remark=text[:500])
    listed = until(lambda: (found := pair.bridge.get("/v1/accounts/main/orders?status=all")[2]["data"]) and len(found) >= len(HOSTILE) and found)
    for order in listed:
        assert order["client_order_id"] is None
