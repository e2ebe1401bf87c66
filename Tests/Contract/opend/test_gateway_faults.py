"""What goes wrong on demand, and what the vendor leaves open, both ways."""

import time

import pytest

from opend_wire import Wire, messages
from vendor_client import gateway, simulated, until  # noqa: F401


@pytest.fixture
def wire(gateway):
    with Wire(gateway) as connection:
        connection.initialize(notices=True)
        yield connection


def paper(wire):
    return next(account.accID for account in wire.accounts() if account.trdEnv == 0 and 1 in account.trdMarketAuthList)


def settled(wire):
    """What was pushed until a heartbeat came back."""
    wire.keep_alive()
    pushes, wire.pushes = wire.pushes, []
    return pushes


def test_another_login_takes_over_and_all_are_told(gateway, wire):
    gateway.bend(login="kicked")
    kinds = set()
    while not {1, 2, 3} <= kinds:
        protocol, _, form, plain = wire.next_push(1003)
        notice = wire.response("Notify", form, plain).s2c
        kinds.add(notice.type)
        if notice.type == 1:
            assert notice.event.eventType == 7
        if notice.type == 3:
            assert not notice.connectStatus.qotLogined
    state = wire.state().s2c
    assert not state.qotLogined and not state.trdLogined and state.programStatus.type == 11
    assert wire.subscribe().retType == -200
    gateway.bend(login="ready")
    assert wire.subscribe().retType == 0


def test_a_code_of_the_telephone_logs_in(gateway, wire):
    gateway.bend(login="phone-code")
    assert wire.state().s2c.programStatus.type == 4
    request = messages("Verification").Request()
    request.c2s.type, request.c2s.op, request.c2s.code = 2, 2, "123456"
    assert wire.call(1006, "Verification", request).retType == 0
    assert wire.state().s2c.qotLogined


def test_a_request_is_refused_as_often_as_wanted(gateway, wire):
    gateway.bend(fail=1002, result=-100, message="as wanted", times=2)
    for _ in range(2):
        answer = wire.state()
        assert (answer.retType, answer.retMsg) == (-100, "as wanted")
    assert wire.state().retType == 0


@pytest.mark.parametrize("how, is_done", [
    ("ignore", False), ("lose-answer", True), ("drop-before", False), ("drop-after", True)])
def test_an_order_without_an_answer_is_there_or_not(gateway, wire, how, is_done):
    account = paper(wire)
    before = {order.orderIDEx for order in wire.orders(account)}
    gateway.bend(fail=2202, how=how, times=1)
    wire.send(2202, wire.order(account, 1))
    if how.startswith("drop"):
        assert wire.is_closed()
    else:
        wire.keep_alive()
        assert all(push[0] != 2202 for push in wire.pushes)
    with Wire(gateway) as other:
        other.initialize()
        after = {order.orderIDEx for order in other.orders(account)}
        assert len(after - before) == (1 if is_done else 0)


def test_a_write_that_does_not_grow_is_passed_over(wire):
    account = paper(wire)
    assert wire.call(2202, "Trd_PlaceOrder", wire.order(account, 10)).retType == 0
    count = len(wire.orders(account))
    for number in (10, 9):
        wire.send(2202, wire.order(account, number))
    wire.keep_alive()
    assert len(wire.orders(account)) == count
    foreign = wire.order(account, 11)
    foreign.c2s.packetID.connID += 1
    assert wire.call(2202, "Trd_PlaceOrder", foreign).retType == -1
    assert wire.call(2202, "Trd_PlaceOrder", wire.order(account, 12)).retType == 0


def test_changes_may_be_told_before_the_answer(gateway, wire):
    account = paper(wire)
    assert wire.follow(account).retType == 0
    for is_first in (False, True):
        gateway.bend(pushes_first=is_first)
        settled(wire)
        placed = wire.call(2202, "Trd_PlaceOrder", wire.order(account, 1 + is_first))
        # Orders of before may be told of at any time.
        told = [
            wire.response("Trd_UpdateOrder", form, plain).s2c.order.orderIDEx
            for protocol, _, form, plain in wire.pushes if protocol == 2208]
        assert (placed.s2c.orderIDEx in told) == is_first


def test_pushes_get_lost_doubled_and_late(gateway, wire):
    account = paper(wire)
    wire.follow(account)
    gateway.bend(lost_percent=100)
    wire.call(2202, "Trd_PlaceOrder", wire.order(account, 1))
    until(lambda: wire.orders(account)[-1].orderStatus == 5)
    assert all(push[0] != 2208 for push in settled(wire))
    gateway.bend(lost_percent=0, doubled_percent=100)
    wire.call(2202, "Trd_PlaceOrder", wire.order(account, 2))
    first, second = wire.next_push(2208), wire.next_push(2208)
    assert first[3] == second[3]
    gateway.bend(doubled_percent=0, shuffled_percent=100)
    wire.call(2202, "Trd_PlaceOrder", wire.order(account, 3))
    wire.next_push(2208)


def test_an_order_is_hidden_for_a_while(gateway, wire):
    account = paper(wire)
    gateway.bend(hidden_ms=3_600_000)
    order = wire.call(2202, "Trd_PlaceOrder", wire.order(account, 1)).s2c.orderIDEx
    assert order not in {row.orderIDEx for row in wire.orders(account)}
    gateway.bend(hidden_ms=0)
    assert order in {row.orderIDEx for row in wire.orders(account)}


def test_an_order_is_filled_from_outside(gateway, wire):
    account = paper(wire)
    order = wire.call(2202, "Trd_PlaceOrder", wire.order(account, 1)).s2c.orderIDEx
    gateway.bend(order_id=order, order_do="fill", quantity=100, price="300")
    row = next(row for row in wire.orders(account) if row.orderIDEx == order)
    assert (row.orderStatus, row.fillQty, row.fillAvgPrice) == (11, 100, 300)


def test_silence_delay_and_cuts(gateway, wire):
    gateway.bend(answer_delay_ms=200)
    begin = time.monotonic()
    wire.keep_alive()
    assert time.monotonic() - begin >= 0.2
    gateway.bend(answer_delay_ms=0, silent=True)
    wire.socket.settimeout(0.3)
    with pytest.raises(TimeoutError):
        wire.keep_alive()
    wire.socket.settimeout(10)
    gateway.bend(silent=False, do="cut", bytes=20)
    with pytest.raises((EOFError, ConnectionError)):
        wire.keep_alive()


@pytest.mark.parametrize("action", ["drop", "close"])
def test_connections_end_when_asked(gateway, wire, action):
    gateway.bend(do=action)
    assert wire.is_closed()


def test_replies_may_overtake_each_other(gateway, wire):
    gateway.bend(shuffle_replies=True)
    request = messages("KeepAlive").Request()
    request.c2s.time = 1
    numbers = [wire.send(1004, request) for _ in range(2)]
    assert [wire.receive()[1] for _ in range(2)] == numbers[::-1]


def test_a_new_connection_may_be_told_how_things_stand(gateway):
    for is_told in (True, False):
        gateway.bend(notify_after_init=is_told)
        with Wire(gateway) as wire:
            wire.initialize(notices=True)
            wire.keep_alive()
            assert any(push[0] == 1003 for push in wire.pushes) == is_told


def test_serial_numbers_that_do_not_grow(gateway):
    for reaction in (None, "refuse", "close"):
        gateway.bend(reset=True)
        if reaction:
            gateway.bend(stale_serial=reaction)
        with Wire(gateway) as wire:
            wire.initialize()
            wire.serial = 100
            assert wire.keep_alive().retType == 0
            wire.serial = 50
            request = messages("KeepAlive").Request()
            request.c2s.time = 1
            wire.send(1004, request)
            if reaction == "close":
                assert wire.is_closed()
            else:
                assert wire.response("KeepAlive", 0, wire.receive()[3]).retType == (-1 if reaction else 0)


def test_a_subscription_is_refused_in_whole_or_in_part(gateway, wire):
    codes = ("00700", "99999")
    assert wire.subscribe(codes).retType == -1
    request = messages("Qot_GetSubInfo").Request()
    request.c2s.isReqAllConn = False
    assert wire.call(3003, "Qot_GetSubInfo", request).s2c.connSubInfoList == []
    gateway.bend(subscribe_in_part=True)
    assert wire.subscribe(codes).retType == -1
    assert wire.call(3003, "Qot_GetSubInfo", request).s2c.connSubInfoList[0].usedQuota == 1


def test_a_connection_that_ends_keeps_its_quota_for_the_minute(gateway):
    with Wire(gateway) as wire:
        wire.initialize()
        wire.subscribe(("00011", "00016"), (1,))
        held = gateway.state()["subscribed"]
    until(lambda: gateway.state()["connections"] == 0)
    assert gateway.state()["subscribed"] == held
