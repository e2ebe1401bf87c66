"""The vendor's own client against the simulated OpenD."""

import os
import pathlib
import tempfile
import threading
import time

import pytest

from conftest import running

# The client writes a log below its user's home from the moment it is imported.
_LOGS = tempfile.TemporaryDirectory(prefix="futu-")
_HOME = os.environ.get("HOME")
os.environ["HOME"] = _LOGS.name
import futu  # noqa: E402

if _HOME is not None:
    os.environ["HOME"] = _HOME

futu.SysConfig.set_all_thread_daemon(True)
LIMIT = 20.0


def until(condition, seconds=LIMIT):
    """Waits for a condition and returns what it gave."""
    end, pause = time.monotonic() + seconds, threading.Event()
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"nothing came in {seconds} s"
        pause.wait(0.02)


def good(answer):
    """The data of a call that must succeed."""
    assert answer[0] == futu.RET_OK, answer[1]
    return answer[1] if len(answer) == 2 else answer[1:]


def refused(answer):
    """The reason of a call that must not succeed."""
    assert answer[0] == futu.RET_ERROR, answer
    return str(answer[1])


class Gateway:
    """Where the simulated OpenD is, and its control path."""

    def __init__(self, sandbox):
        self.sandbox, self.address = sandbox, sandbox.ready["sandbox"]["opend"]
        self.host, self.port = self.address["host"], self.address["port"]

    def bend(self, **fields):
        return self.sandbox.sandbox("POST", "opend", fields)

    def state(self):
        return self.sandbox.sandbox("GET", "opend")

    def connection(self, encrypted):
        """What a context needs. With a key file set, the client speaks RSA even where it was told not to encrypt."""
        futu.SysConfig.set_init_rsa_file(str(self.key) if encrypted else "")
        port = self.address["encrypted_port"] if encrypted else self.port
        return {"host": self.host, "port": port, "is_encrypt": encrypted}

    def quotes(self, encrypted=False):
        return futu.OpenQuoteContext(**self.connection(encrypted))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """One simulated broker for the tests of a file."""
    with running("sandbox") as sandbox:
        gateway = Gateway(sandbox)
        gateway.key = pathlib.Path(tmp_path_factory.mktemp("opend")) / "key.pem"
        gateway.key.write_text(gateway.address["rsa_private_key"])
        sandbox.sandbox("POST", "pace", {"interval_ms": 50, "percent": 100, "trades": 3})
        gateway.bend(count_requests=False)
        yield gateway


@pytest.fixture
def gateway(simulated):
    """The simulated OpenD, as good as new behind the test."""
    yield simulated
    simulated.bend(reset=True)
    simulated.bend(count_requests=False)


@pytest.fixture(params=["plain", "encrypted"])
def quotes(gateway, request):
    """A quote context of the vendor's client, in both ways to speak."""
    context = gateway.quotes(request.param == "encrypted")
    yield context
    context.close()
