"""What `/metrics` gives, read by the rules of the Prometheus text format, version 0.0.4."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)")


def series(text):
    """Every sample by name and labels; each name announced once, with a kind, before its samples and only there."""
    assert text.endswith("\n") and "\n\n" not in text
    kinds, found, current = {}, {}, None
    for line in text.splitlines():
        if match := re.fullmatch(rf"# HELP ({NAME}) (\S.*)", line):
            current = match.group(1)
            assert current not in kinds, line
            kinds[current] = None
        elif match := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge)", line):
            assert match.group(1) == current and kinds[current] is None, line
            kinds[current] = match.group(2)
        else:
            match = SAMPLE.fullmatch(line)
            assert match and match.group(1) == current and kinds[current], line
            key = (current, match.group(2))
            assert key not in found, line
            found[key] = float(match.group(3))
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in kinds.items()), kinds
    return found


def test_metrics_are_of_the_format_and_labels_do_not_grow_with_what_clients_send(bridge):
    def now():
        status, headers, body = bridge.get("/metrics")
        assert status == 200 and headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return series(body.decode())

    def strange(number):
        bridge.get(f"/nowhere-{number}")
        bridge.get(f"/v1/depth/X{number}.HK%22%0A")
        bridge.request(f"BREW{number}", "/v1/quotes")
        bridge.get("/v1/quotes?symbols=700.HK", headers={"X-Request-Id": f"strange-{number}"})

    strange(0)
    now()
    before = now()
    for number in range(1, 20):
        strange(number)
    after = now()
    # Those of the brokers' limits come with their sessions, whenever that is.
    assert {key for key in after if "request" in key[0]} == {key for key in before if "request" in key[0]}
    requests = ("brokerbridge_requests_total", 'method="GET",route="none",status="404"')
    assert after[requests] - before[requests] == 19
    assert all(after[key] >= before[key] for key in before if key[0].endswith("_total"))
