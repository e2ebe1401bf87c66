"""Writes an audit log of any size from its documented form (docs/audit.md), with Python's standard library only."""

import hashlib
import hmac
import os
import secrets
import time

KEYS = 100
FILE = 50_000


def write_log(state, count):
    """A log that holds, of `count` entries of a hundred keys over thirty days; the time of the first one."""
    (state / "audit").mkdir(mode=0o700, parents=True)
    state.chmod(0o700)
    key = secrets.token_bytes(32)
    with open(os.open(state / "audit.key", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(key.hex() + "\n")
    first, span = int(time.time()) - 31 * 86_400, 30 * 86_400
    previous, sequence, number, after = "0" * 64, 0, 0, None

    def line(members):
        nonlocal previous, sequence
        sequence += 1
        at = first + span * sequence / count
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at * 1000) % 1000:03d}Z"
        head = f'{{"seq":{sequence},"time":"{stamp}","boot":"00000000000000aa","mono_ns":{sequence * 1000},{members},"prev":"{previous}"'
        text = f'{head},"mac":"{hmac.new(key, head.encode(), hashlib.sha256).hexdigest()}"}}'
        previous = hashlib.sha256(text.encode()).hexdigest()
        return text + "\n"

    while sequence < count:
        number += 1
        lines = [f'"kind":"segment","segment":{number},"reason":"{"started" if number == 1 else "size"}"']
        if after is not None:
            lines[0] += f',"after_segment":{number - 1},"after_bytes":{after}'
        text = [line(lines[0])]
        for _ in range(min(FILE, count - sequence)):
            text.append(line(
                f'"kind":"request","request_id":"r{sequence}","key":"strategy-{sequence * 7919 % KEYS}","address":"127.0.0.1",'
                '"method":"GET","route":"/v1/quotes","outcome":"ok","status":200,"latency_us":412,"arguments":[["symbols","700.HK"]]'))
        content = "".join(text).encode()
        after = len(content)
        with open(os.open(state / "audit" / f"{number:010d}.jsonl", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(content)
    return first
