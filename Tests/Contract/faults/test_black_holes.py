"""Addresses that swallow what is sent to them: bounded, what stands behind them is reached, and nobody else waits."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.parse

import pytest

from conftest import Pair, running


@contextlib.contextmanager
def black_hole(host, port=0):
    """A port at which connections are never completed: its backlog is full, and the kernel drops what comes."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(8):
            filler = held.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(listener.getsockname())
        with socket.socket() as probe:
            probe.settimeout(1)
            try:
                probe.connect(listener.getsockname())
                pytest.skip("here the kernel completes connections beyond the backlog")
            except TimeoutError:
                pass
        yield listener.getsockname()[1]


class Renamed:
    """A simulated broker under another name."""

    def __init__(self, broker, name):
        environment = broker.ready["sandbox"]["environment"]
        self.ready = {"sandbox": {"environment": {
            key: value.replace("127.0.0.1", name) if key.endswith("_URL") else value for key, value in environment.items()}}}
        self.sandbox = broker.sandbox


@pytest.mark.parametrize("kind", ["swallows everything", "refuses"])
def test_an_address_that_leads_nowhere_does_not_hide_the_one_behind_it(tmp_path, kind):
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which("gcc")
    if not compiler:
        pytest.skip("needs a C compiler")
    library, source = tmp_path / "two_addresses.so", pathlib.Path(__file__).parents[1] / "two_addresses.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    with running("sandbox") as sandbox, contextlib.ExitStack() as held:
        environment = sandbox.ready["sandbox"]["environment"]
        for port in {urllib.parse.urlsplit(value).port for key, value in environment.items() if key.endswith("_URL")}:
            if kind == "swallows everything":
                held.enter_context(black_hole("127.0.0.2", port))
        pair = Pair(tmp_path, Renamed(sandbox, "two-addresses.test"))
        try:
            # Ready means: its calls, and both of its sockets.
            bridge = pair.start({"LD_PRELOAD": str(library)})
            status, _, quotes = bridge.get("/v1/quotes?symbols=700.HK&max_age_ms=0", timeout=30)
            assert status == 200 and quotes["data"], quotes
        finally:
            if pair.bridge and pair.bridge.process.poll() is None:
                assert pair.bridge.stop() == 0, (tmp_path / "stderr").read_text()[-4000:]
