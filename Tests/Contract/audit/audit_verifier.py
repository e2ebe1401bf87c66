"""A verifier of the audit log in another language, written from docs/audit.md alone."""

import hashlib
import hmac
import json
import pathlib
import re


class Break(Exception):
    """The first place where the log is not what was written."""


def entries(state, anchors=()):
    """Every entry of a log that holds, in order. Anchors are pairs of sequence and hash."""
    state = pathlib.Path(state)
    key = bytes.fromhex((state / "audit.key").read_text().strip())
    files = sorted(path for path in (state / "audit").iterdir() if re.fullmatch(r"\d{10}\.jsonl", path.name))
    contents = [path.read_bytes() for path in files]
    headers = [json.loads(content.split(b"\n", 1)[0]) for content in contents]
    previous, sequence, found, before = None, None, [], None
    tails, anchors = {}, dict(anchors)
    for index, (path, content, header) in enumerate(zip(files, contents, headers)):
        number = int(path.stem)
        counted = len(content)
        if index + 1 < len(files):
            after = headers[index + 1]
            if after["after_segment"] != number:
                raise Break(f"file {after['after_segment']} is missing")
            counted = after["after_bytes"]
            if len(content) < counted:
                raise Break(f"file {number} is cut off")
            if len(content) > counted and after["reason"] not in ("failed", "replaced", "reserve"):
                tails[number] = (counted, content[counted:])
        lines = content[:counted].split(b"\n")
        if lines.pop() != b"" and index + 1 < len(files):
            raise Break(f"file {number} does not end with a line")
        for place, line in enumerate(lines):
            match = re.fullmatch(rb'(.*),"mac":"([0-9a-f]{64})"\}', line)
            if not match or not hmac.compare_digest(
                hmac.new(key, match[1], hashlib.sha256).hexdigest().encode(), match[2]
            ):
                raise Break(f"behind {sequence}: the MAC is wrong")
            entry = json.loads(line)
            if sequence is None:
                begin = entry
            elif entry["seq"] != sequence + 1 or entry["prev"] != previous:
                raise Break(f"behind {sequence}: not tied to the entry before")
            if (entry["kind"] == "segment") != (place == 0):
                raise Break(f"{entry['seq']}: a file begins where none should")
            if place == 0 and (entry["segment"] != number or entry.get("after_segment", before) != before):
                raise Break(f"{entry['seq']}: another file stood here")
            if entry["kind"] == "recovered" and entry["segment"] in tails:
                offset, tail = tails.pop(entry["segment"])
                if (entry["offset"], entry["torn_bytes"], entry["torn_sha256"]) != (
                    offset, len(tail), hashlib.sha256(tail).hexdigest(),
                ):
                    raise Break(f"what a crash left in file {entry['segment']} was changed")
            sequence, previous = entry["seq"], hashlib.sha256(line).hexdigest()
            if anchors.pop(sequence, previous) != previous:
                raise Break(f"{sequence}: not the entry of its anchor")
            found.append(entry)
        before = number
    if found and (begin["seq"], begin["prev"]) != (1, "0" * 64):
        first = int(files[0].stem)
        if not any(
            entry["kind"] == "retired"
            and (entry["segment"], entry["from_seq"], entry["from_prev"]) == (first, begin["seq"], begin["prev"])
            for entry in found
        ):
            raise Break("the beginning is missing")
    if tails:
        raise Break(f"bytes behind the end of file {min(tails)}")
    late = [anchor for anchor in anchors if anchor > (sequence or 0)]
    if late:
        raise Break(f"the log ends with {sequence}, its anchor is {max(late)}")
    return found


def anchors_of(log):
    """The anchors in the program's own log."""
    found = {}
    for line in log.splitlines():
        if '"audit.anchor"' in line:
            record = json.loads(line)
            found[record["count"]] = record["hash"]
    return found
