"""Reads an account's event stream until it has seen every kind of event asked for; prints {"event", "data"} a line.

Usage: BROKERBRIDGE_URL=… BROKERBRIDGE_KEY=bb_… consumer.py ALIAS SECONDS KIND...
"""

import http.client
import json
import os
import sys
import time
import urllib.parse


def main():
    alias, seconds, wanted = sys.argv[1], float(sys.argv[2]), set(sys.argv[3:])
    parts = urllib.parse.urlsplit(os.environ["BROKERBRIDGE_URL"])
    topics = ["quote:700.HK", "depth:700.HK", "trade:700.HK", "broker-queue:700.HK", "candle:700.HK@1m"]
    topics += [f"{kind}:{alias}" for kind in ("orders", "executions", "session")]
    query = urllib.parse.urlencode({"topics": ",".join(topics), "account": alias})
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    connection.request("GET", f"/v1/stream?{query}", headers={"Authorization": f"Bearer {os.environ['BROKERBRIDGE_KEY']}"})
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(response.read().decode())
    end, name, data = time.monotonic() + seconds, None, []
    for line in response:
        line = line.decode().rstrip("\r\n")
        field, _, value = line.partition(":")
        if field == "event":
            name = value.removeprefix(" ")
        elif field == "data":
            data.append(value.removeprefix(" "))
        elif line == "" and data:
            print(json.dumps({"event": name, "data": json.loads("\n".join(data))}), flush=True)
            wanted.discard(name)
            name, data = None, []
        if not wanted or time.monotonic() > end:
            break
    connection.close()


if __name__ == "__main__":
    main()
