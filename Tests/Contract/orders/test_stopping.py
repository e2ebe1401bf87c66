"""The program is told to end while streams are open and an order is on its way; readers come and go while orders move."""

import signal
import threading
import time

from test_orders import ORDERS, place, until


def test_a_stop_with_two_hundred_streams_and_an_order_on_its_way_loses_nothing(pair):
    pair.control("trading", paused=True)
    pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=2000)
    streams = [pair.bridge.stream("topics=orders:main,quote:700.HK") for _ in range(200)]
    answers = []
    sending = threading.Thread(target=lambda: answers.append(place(pair.bridge, key="leaving")))
    sending.start()
    _until(lambda: pair.broker_orders())
    pair.bridge.process.send_signal(signal.SIGTERM)
    for stream in streams:
        last = [event for event in stream.events(20)][-1]
        assert last.name == "bye" and last.data["reason"] == "restart"
        stream.close()
    sending.join(20)
    assert pair.bridge.process.wait(15) == 0
    status, _, answer = answers[0]
    assert status in (201, 202), answer
    bridge = pair.start()
    found = until(bridge, answer["id"], lambda o: o["status"] == "open")
    assert [found["broker_order_id"]] == [o["order_id"] for o in pair.broker_orders()]


def test_a_second_signal_ends_it_at_once_and_the_order_is_known_afterwards(pair):
    pair.control("trading", paused=True)
    pair.control("trading", call="POST /v1/trade/order", fault="slow-after", delay_ms=60000)

    def attempt():
        try:
            place(pair.bridge, key="twice")
        except Exception:
            pass

    sending = threading.Thread(target=attempt)
    sending.start()
    _until(lambda: pair.broker_orders())
    pair.bridge.process.send_signal(signal.SIGTERM)
    # The first has been taken when nothing more is accepted.
    _until(lambda: not _accepts(pair.bridge))
    assert pair.bridge.process.poll() is None
    pair.bridge.process.send_signal(signal.SIGTERM)
    assert pair.bridge.process.wait(10) in (128 + signal.SIGTERM, -signal.SIGTERM)
    sending.join()
    bridge = pair.start()
    status, headers, answer = place(bridge, key="twice")
    assert status in (201, 202) and headers["Idempotency-Replayed"] == "true"
    found = until(bridge, answer["id"], lambda o: o["status"] == "open")
    assert [found["broker_order_id"]] == [o["order_id"] for o in pair.broker_orders()]


def test_a_reader_that_keeps_coming_back_while_orders_move_misses_and_repeats_nothing(pair):
    pair.control("pace", interval_ms=20, percent=100, trades=3)
    first = pair.bridge.stream("topics=orders:main,executions:main")
    last = next(first.events(20)).id
    first.close()

    def trade():
        for number in range(40):
            body = {"symbol": "5.HK", "side": "buy", "quantity": "400", "type": "market"}
            if number % 2 == 0:
                body.update(type="limit", limit_price="60")
            placed = place(pair.bridge, body, key=f"moving-{number}")
            if number % 4 == 0 and placed[0] == 201:
                pair.bridge.request("DELETE", f"{ORDERS}/{placed[2]['id']}")

    trading = threading.Thread(target=trade)
    trading.start()
    seen, told = [], []
    end = time.monotonic() + 120
    while not told or len(seen) < len(told):
        assert time.monotonic() < end, (len(seen), len(told))
        stream = pair.bridge.stream("topics=orders:main,executions:main", headers={"Last-Event-ID": last})
        count = 0
        for event in stream.events(1.5):
            if event.name == "hello":
                assert event.data["lossless"] is True
                continue
            assert event.name in ("order", "execution"), event
            seen.append((event.name, event.text))
            last = event.id
            count += 1
            if count == 7:
                break
        stream.close()
        if not trading.is_alive():
            # What is not done by now stays open.
            pair.control("trading", paused=True)
            told = journal(pair)
    assert len(seen) == len(set(seen)) and len(seen) == len(told) > 80


def journal(pair):
    """Everything the journal has, by pages."""
    told, after = [], 0
    while after is not None:
        status, _, page = pair.bridge.get(f"/v1/accounts/main/events?after={after}&limit=200")
        assert status == 200, page
        told += page["data"]
        after = page["next_after"] if page["data"] else None
    return told


def _accepts(bridge):
    try:
        return bridge.get("/healthz", timeout=2)[0] == 200
    except OSError:
        return False


def _until(wanted, seconds=20):
    end, pause = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < end:
        if wanted():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")
