"""Formats, ciphers and nonsense: none of it stops the simulated gateway."""

import random

import futu
import pytest

from opend_wire import CHAINED, CODEBOOK, PLAIN, TAILED, Wire, as_json, header, messages
from vendor_client import gateway, good, simulated  # noqa: F401


def still_answers(gateway):
    with Wire(gateway) as wire:
        assert wire.initialize().retType == 0 and wire.keep_alive().retType == 0


@pytest.mark.parametrize("algorithm", [PLAIN, TAILED, CODEBOOK, CHAINED])
@pytest.mark.parametrize("form", [0, 1])
def test_every_cipher_and_format(gateway, algorithm, form):
    with Wire(gateway, encrypted=True, form=form) as wire:
        assert wire.initialize(algorithm).retType == 0
        assert wire.keep_alive().retType == 0
        assert wire.state().s2c.serverVer == 1011
        assert wire.subscribe(("00700", "00005"), (1, 4)).retType == 0
        protocol, _, push_form, plain = wire.next_push(3011)
        assert push_form == form and wire.response("Qot_UpdateTicker", form, plain).s2c.tickerList
        if form == 1:
            # Numbers of 64 bits are texts in JSON, since a double does not hold them all.
            assert isinstance(as_json(plain)["s2c"]["tickerList"][0]["sequence"], str)


def test_the_vendors_client_in_json(gateway):
    futu.SysConfig.set_proto_fmt(futu.ProtoFMT.Json)
    try:
        context = gateway.quotes()
        try:
            good(context.subscribe(["HK.00700"], [futu.SubType.QUOTE, futu.SubType.TICKER]))
            assert good(context.get_stock_quote(["HK.00700"]))["last_price"][0] > 0
            assert len(good(context.get_rt_ticker("HK.00700", 10))) == 10
        finally:
            context.close()
    finally:
        futu.SysConfig.set_proto_fmt(futu.ProtoFMT.Protobuf)


def test_random_bytes_end_only_their_connection(gateway):
    for seed in range(20):
        noise = random.Random(seed)
        with Wire(gateway, encrypted=seed % 2 == 1) as wire:
            data = noise.randbytes(noise.randrange(1, 400))
            wire.send_raw(data if not data.startswith(b"F") else b"x" + data)
            assert wire.is_closed()
    still_answers(gateway)


def test_spoilt_packets_of_a_session_end_only_it(gateway):
    for seed in range(30):
        noise = random.Random(seed)
        with Wire(gateway, timeout=3) as wire:
            wire.initialize()
            request = messages("GetGlobalState").Request()
            request.c2s.userID = 0
            packet = bytearray(wire.packet(1002, request))
            packet[noise.randrange(len(packet))] ^= 1 << noise.randrange(8)
            wire.send_raw(bytes(packet))
            wire.send_raw(wire.packet(1002, request)[:20])
    still_answers(gateway)


def test_a_body_cut_short_waits_and_is_forgotten(gateway):
    with Wire(gateway) as wire:
        wire.initialize()
        wire.send_raw(header(1004, b"", b"", length=1000) + b"half")
    still_answers(gateway)


@pytest.mark.parametrize("length", [-1, 2**31 - 1, (1 << 20) + 1])
def test_oversized_bodies_are_not_waited_for(gateway, length):
    with Wire(gateway) as wire:
        wire.initialize()
        wire.send_raw(header(1004, b"", b"", length=length))
        assert wire.is_closed()
    still_answers(gateway)


@pytest.mark.parametrize("fields", [{"flag": b"XX"}, {"version": 7}, {"form": 9}])
def test_packets_of_another_kind_end_the_connection(gateway, fields):
    with Wire(gateway) as wire:
        wire.initialize()
        wire.send_raw(header(1004, b"x", b"x", **fields) + b"x")
        assert wire.is_closed()


def test_a_wrong_digest_is_told_or_ends_or_is_passed_over(gateway):
    body = b"\x0a\x02\x08\x01"
    for reaction in ("refuse", "close", "ignore"):
        gateway.bend(wrong_digest=reaction)
        with Wire(gateway) as wire:
            wire.initialize()
            wire.send_raw(header(1004, body, b"another body", serial=77) + body)
            if reaction == "close":
                assert wire.is_closed()
            elif reaction == "refuse":
                protocol, serial, form, plain = wire.receive()
                assert (protocol, serial) == (1004, 77)
                assert wire.response("KeepAlive", form, plain).retType == -500
            else:
                assert wire.keep_alive().retType == 0 and not wire.pushes


def test_requests_before_the_first_are_told_or_end_or_are_passed_over(gateway):
    for reaction in ("refuse", "close", "ignore"):
        gateway.bend(before_init=reaction)
        with Wire(gateway) as wire:
            request = messages("GetGlobalState").Request()
            request.c2s.userID = 0
            wire.send(1002, request)
            if reaction == "close":
                assert wire.is_closed()
            elif reaction == "refuse":
                assert wire.response("GetGlobalState", 0, wire.receive()[3]).retType == -1
            else:
                assert wire.initialize().retType == 0 and not wire.pushes


def test_unknown_protocols_and_broken_messages_are_refused(gateway):
    with Wire(gateway) as wire:
        wire.initialize()
        for protocol in (1, 999, 1003, 3005, 9999, 0xFFFFFFFF):
            request = messages("KeepAlive").Request()
            request.c2s.time = 1
            assert wire.call(protocol, "KeepAlive", request).retType == -1
        for body in (b"", b"\xff\xff\xff", b"\x0a\x05\x08", b"\x0a\x00"):
            assert wire.call(3001, "Qot_Sub", body).retType == -1
        assert wire.keep_alive().retType == 0


def test_every_protocol_takes_an_empty_and_a_random_payload(gateway):
    with Wire(gateway) as wire:
        wire.initialize()
        noise = random.Random(5)
        for protocol in list(range(2001, 2230)) + list(range(3001, 3230)):
            for body in (b"\x0a\x00", b"\x0a\x08" + noise.randbytes(8)):
                answer = wire.call(protocol, "KeepAlive", body)
                assert answer.retType in (0, -1)
    still_answers(gateway)


def test_packets_come_whole_however_they_are_cut(gateway):
    with Wire(gateway) as wire:
        wire.initialize()
        request = messages("KeepAlive").Request()
        request.c2s.time = 1
        packets = b"".join(wire.packet(1004, request) for _ in range(5))
        for at in range(0, len(packets), 7):
            wire.send_raw(packets[at:at + 7])
        assert [wire.receive()[1] for _ in range(5)] == [2, 3, 4, 5, 6]


def test_there_is_a_most_of_connections(gateway):
    gateway.bend(connections=2)
    with Wire(gateway) as one, Wire(gateway) as two:
        one.initialize()
        two.initialize()
        with Wire(gateway) as three:
            assert three.is_closed()


def test_who_sends_no_keep_alive_is_let_go(gateway):
    gateway.bend(keep_alive_deadline_ms=1000)
    with Wire(gateway) as wire:
        wire.initialize()
        assert wire.is_closed()
