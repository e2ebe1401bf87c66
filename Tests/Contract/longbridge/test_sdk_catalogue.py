"""The vendor's own SDK over the rest of its catalogue: the outside judge of what raw calls are answered with."""

import json
import os
import pathlib
import subprocess
import sys

from conftest import running

SCRIPT = pathlib.Path(__file__).parent / "sdk_catalogue.py"


def test_the_sdk_understands_the_catalogue():
    with running("sandbox") as sandbox:
        sandbox.sandbox("POST", "limit", {"http_calls_per_second": 1000})
        environment = {**os.environ, **sandbox.ready["sandbox"]["environment"]}
        done = subprocess.run([sys.executable, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert all(value is True for value in report.values()), {k: v for k, v in report.items() if v is not True}
    assert len(report) == 11
