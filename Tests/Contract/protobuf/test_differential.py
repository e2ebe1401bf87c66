"""Random messages, written by Python's protobuf and read, written again and turned into JSON by ours; and back."""

import contextlib
import json
import math
import pathlib
import random
import subprocess

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor as F

from conftest import ROOT, binary

MESSAGES = [
    "judged.modern.Everything", "judged.classic.Order", "longbridge.quote.SecurityQuoteResponse",
    "longbridge.quote.SecurityDepthResponse", "longbridge.quote.PushQuote", "longbridge.quote.PushTrade",
    "longbridge.quote.SecurityHistoryCandlestickRequest", "longbridge.quote.UserQuoteProfileResponse",
    "longbridge.quote.SecurityCalcQuoteResponse", "longbridge.quote.WarrantFilterListResponse",
    "longbridge.control.AuthRequest", "longbridge.control.Close", "longbridge.trade.Notification",
]
COUNT = 300
SEED = 20261120


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    folder = tmp_path_factory.mktemp("schemas")
    pool = descriptor_pool.DescriptorPool()
    packages = []
    for root, prefix in [(ROOT / "Protocols", "longbridge"), (ROOT / "Protocols", "opend"), (ROOT / "Tests" / "JudgedSchemas" / "Schemas", "judged")]:
        target = folder / prefix
        files = [str(path) for path in sorted((root / prefix).glob("*.proto"))]
        subprocess.run(["protoc", "-I", str(root), f"--descriptor_set_out={target}", *files], check=True)
        for file in descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file:
            pool.Add(file)
            packages.append(file.package)
    found = {name: pool.FindMessageTypeByName(name) for name in MESSAGES}
    for package in packages:
        for name in ("C2S", "S2C", "Reply"):
            with contextlib.suppress(KeyError):
                if package.startswith("openD."):
                    found[f"{package}.{name}"] = pool.FindMessageTypeByName(f"{package}.{name}")
    return {name: message_factory.GetMessageClass(descriptor) for name, descriptor in found.items()}


def scalar(rng, field):
    small = rng.random() < 0.5
    def integer(bits, signed):
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return rng.choice([0, 1, low, high, 127, 128]) if small else rng.randint(low, high)
    kind = field.type
    if kind in (F.TYPE_INT32, F.TYPE_SINT32, F.TYPE_SFIXED32):
        return integer(32, True)
    if kind in (F.TYPE_INT64, F.TYPE_SINT64, F.TYPE_SFIXED64):
        return integer(64, True)
    if kind in (F.TYPE_UINT32, F.TYPE_FIXED32):
        return integer(32, False)
    if kind in (F.TYPE_UINT64, F.TYPE_FIXED64):
        return integer(64, False)
    if kind == F.TYPE_BOOL:
        return rng.random() < 0.5
    if kind in (F.TYPE_DOUBLE, F.TYPE_FLOAT):
        return rng.choice([0.0, -0.0, 1.5, -2.25, 1e20, math.inf, -math.inf, 0.5])
    if kind == F.TYPE_STRING:
        return rng.choice(["", "x", "700.HK", "é", "騰訊", "😀", "a\nb\"\\", "\u2028"])
    if kind == F.TYPE_BYTES:
        return bytes(rng.randrange(256) for _ in range(rng.randrange(6)))
    if kind == F.TYPE_ENUM:
        numbers = [value.number for value in field.enum_type.values]
        return rng.choice(numbers)
    raise AssertionError(kind)


def fill(rng, message, depth=0):
    for field in message.DESCRIPTOR.fields:
        if not field.is_required and rng.random() < 0.4:
            continue
        entry = field.message_type if field.message_type and field.message_type.GetOptions().map_entry else None
        if entry:
            container = getattr(message, field.name)
            for _ in range(rng.randrange(3)):
                key = scalar(rng, entry.fields_by_name["key"])
                if entry.fields_by_name["value"].message_type:
                    fill(rng, container[key], depth + 1)
                else:
                    container[key] = scalar(rng, entry.fields_by_name["value"])
        elif field.is_repeated:
            for _ in range(rng.randrange(4)):
                if field.message_type:
                    fill(rng, getattr(message, field.name).add(), depth + 1)
                else:
                    getattr(message, field.name).append(scalar(rng, field))
        elif field.message_type:
            fill(rng, getattr(message, field.name), depth + 1)
            getattr(message, field.name).SetInParent()
        else:
            setattr(message, field.name, scalar(rng, field))
    return message


def has_map(descriptor):
    return any(
        field.message_type and (field.message_type.GetOptions().map_entry or has_map(field.message_type))
        for field in descriptor.fields
    )


def echoed(name, samples):
    """What our runtime makes of each: written again, written again after JSON, and the JSON."""
    echo = pathlib.Path(binary()).parent / "protobuf-echo"
    lines = "".join(f"{name} {sample.SerializeToString(deterministic=True).hex()}\n" for sample in samples)
    done = subprocess.run([str(echo)], input=lines, capture_output=True, text=True, timeout=120, check=True)
    answers = done.stdout.split("\n")
    assert len(answers) == len(samples) + 1
    return answers


@pytest.mark.parametrize("name", MESSAGES)
def test_both_runtimes_agree(types, name):
    agree(name, types[name], COUNT)


def test_both_runtimes_agree_on_every_message_of_the_gateway(types):
    names = [name for name in types if name.startswith("openD.")]
    # Those whose protocol has no number are never sent by themselves.
    unused = ("openD.UsedQuota", "openD.Trd_ReconfirmOrder", "openD.Trd_Notify")
    names = [name for name in names if not name.startswith(unused)]
    assert len(names) > 120
    for name in names:
        agree(name, types[name], 20)


def agree(name, kind, count):
    rng = random.Random(f"{SEED} {name}")
    samples = [fill(rng, kind()) for _ in range(count)]
    for sample, answer in zip(samples, echoed(name, samples)):
        assert not answer.startswith("refused"), (SEED, sample, answer)
        written, through_json, text = answer.split(" ", 2)
        assert kind.FromString(bytes.fromhex(written)) == sample, (SEED, sample)
        # The order of a map's entries is each runtime's own; everything else stands byte for byte.
        theirs = sample.SerializeToString(deterministic=True)
        assert sorted(bytes.fromhex(written)) == sorted(theirs), (SEED, sample)
        if not has_map(kind.DESCRIPTOR):
            assert written == theirs.hex(), (SEED, sample)
        assert kind.FromString(bytes.fromhex(through_json)) == sample, (SEED, sample, text)
        ours = kind()
        json_format.Parse(text, ours)
        assert ours == sample, (SEED, text)
        theirs = json.loads(json_format.MessageToJson(sample, preserving_proto_field_name=True))
        assert json.loads(text) == theirs, (SEED, text)
