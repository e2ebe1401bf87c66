#!/usr/bin/env python3
"""Follows topics as server-sent events and comes back where it left off when the connection breaks.

Usage: BROKERBRIDGE_KEY=bb_… Examples/watch.py TOPIC... [--events N]
BROKERBRIDGE_URL is where the bridge listens; default http://127.0.0.1:8080. Needs nothing but Python.
"""

import argparse
import http.client
import json
import os
import time
import urllib.parse


def events(url, key, topics, last_id=None):
    """Yields (id, event, data) forever. After a break it asks for what came in between: the server sends it, or a `gap`."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.urlencode({"topics": ",".join(topics)})
    retry = 2.0
    while True:
        connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
            if last_id:
                headers["Last-Event-ID"] = last_id
            connection.request("GET", f"/v1/stream?{query}", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                # 4xx will not become better by itself.
                raise SystemExit(f"{response.status}: {response.read().decode()}")
            name, data, identifier = "message", [], None
            for line in response:
                line = line.decode().rstrip("\r\n")
                field, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if line == "":
                    if data:
                        last_id = identifier or last_id
                        yield last_id, name, json.loads("\n".join(data))
                    name, data, identifier = "message", [], None
                elif field == "event":
                    name = value
                elif field == "data":
                    data.append(value)
                elif field == "id":
                    identifier = value
                elif field == "retry":
                    retry = int(value) / 1000
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(retry)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("topics", nargs="+", metavar="TOPIC", help="quote:700.HK, candle:700.HK@1m, depth:AAPL.US …")
    arguments.add_argument("--events", type=int, help="ends after as many")
    chosen = arguments.parse_args()
    url = os.environ.get("BROKERBRIDGE_URL", "http://127.0.0.1:8080")
    for count, (_, name, data) in enumerate(events(url, os.environ["BROKERBRIDGE_KEY"], chosen.topics), 1):
        print(name, data.get("symbol", ""), data.get("last") or data.get("close") or data.get("price") or "", sep="\t", flush=True)
        if chosen.events and count >= chosen.events:
            return


if __name__ == "__main__":
    main()
