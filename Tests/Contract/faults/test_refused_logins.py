"""Credentials that are refused at each start: a few attempts over all starts together, then none before somebody acts."""

import threading
import time

from conftest import Pair, running

TOKEN = "/v1/socket/token"
BOUND = 6


class Refused(Pair):
    """A bridge that is ready, for us, when it has given up logging in."""

    def until_ready(self, seconds=60):
        end, pause = time.monotonic() + seconds, threading.Event()
        while any(link["state"] != "held" for link in self.links()):
            assert time.monotonic() < end, self.links()
            pause.wait(0.02)

    def links(self):
        return self.bridge.get("/v1/accounts/main/session")[2]["links"]

    def attempts(self):
        return self.broker.sandbox("GET", "counters")["calls"].get(TOKEN, 0)


def test_attempts_are_counted_over_all_starts(tmp_path):
    with running("sandbox") as sandbox:
        sandbox.sandbox("POST", "logins", {"refused": True})
        pair = Refused(tmp_path, sandbox)
        try:
            attempts = []
            for _ in range(5):
                bridge = pair.start()
                attempts.append(pair.attempts())
                assert bridge.get("/healthz")[0] == 200 and bridge.get("/readyz")[0] == 200
                assert bridge.get("/v1/accounts/main/auth")[2]["state"] == "authorization_required"
                if len(attempts) < 5:
                    assert bridge.stop() == 0
            # Both sockets try once in each run.
            assert attempts == [2, 4, 6, 6, 6]
            assert all("refused these credentials 6 times in a row" in link["reason"] for link in pair.links())
            # Who asks gets a try of each, which counts again.
            assert bridge.request("POST", "/v1/accounts/main/session/reconnect")[0] == 202
            pair.until_ready()
            assert pair.attempts() == BOUND + 2
            sandbox.sandbox("POST", "logins", {"refused": False})
            assert bridge.request("POST", "/v1/accounts/main/session/reconnect")[0] == 202
            Pair.until_ready(pair)
            assert bridge.stop() == 0
            # Accepted once, the count begins anew.
            sandbox.sandbox("POST", "logins", {"refused": True})
            before = pair.attempts()
            for _ in range(2):
                bridge = pair.start()
                assert bridge.stop() == 0
            assert pair.attempts() == before + 4
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (tmp_path / "stderr").read_text()[-4000:]
