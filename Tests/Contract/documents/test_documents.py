"""Every command in the documents is run: a document that lies fails the build.

A fenced block marked `sh` is a script. The line before it may say why it is not run:
`<!-- not run: REASON -->`. Blocks of one file run in order, in one folder, against one bridge whose address and key
take the place of the printed defaults.
"""

import os
import pathlib
import re
import subprocess

import pytest

from conftest import ROOT, binary

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?:<!-- not run: (?P<reason>[^>]+) -->\n)?```sh\n(?P<script>.*?)```", re.S)


def blocks(path):
    return [(m["reason"], m["script"]) for m in BLOCK.finditer(path.read_text())]


def runnable():
    return [path for path in DOCUMENTS if any(not reason for reason, _ in blocks(path))]


@pytest.mark.parametrize("path", runnable(), ids=lambda path: path.name)
def test_commands_work_as_written(bridge, path, tmp_path):
    environment = {
        **os.environ,
        "PATH": f"{pathlib.Path(binary()).parent}:{os.environ['PATH']}",
        "BROKERBRIDGE_KEY": bridge.key,
        "KEY": bridge.key,
    }
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    for reason, script in blocks(path):
        if reason:
            continue
        script = script.replace("http://127.0.0.1:8080", bridge.url).replace("http://localhost:8080", bridge.url)
        # A stream has no end of its own; a reader leaves after a few events.
        script = re.sub(r"curl (-[a-zA-Z]*N[a-zA-Z]*)", r"curl --max-time 2 \1", script)
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", script], env=environment, cwd=tmp_path, capture_output=True, timeout=60,
        )
        streamed = "--max-time 2" in script and done.returncode == 28
        assert done.returncode == 0 or streamed, (script, done.stdout[-2000:], done.stderr[-2000:])
        assert b'"status":4' not in done.stdout and b'"status":5' not in done.stdout, (script, done.stdout[-2000:])


def test_the_printed_commands_work_as_printed(bridge):
    commands = [line.strip() for line in bridge.output().splitlines() if line.strip().startswith("curl ")]
    assert len(commands) >= 3, bridge.output()
    for command in commands:
        is_stream = "/v1/stream" in command
        limited = command.replace("curl ", "curl --max-time 2 ", 1) if is_stream else command
        done = subprocess.run(["bash", "-c", limited], capture_output=True, timeout=30)
        assert done.returncode == (28 if is_stream else 0), (command, done.stderr)
        if is_stream:
            assert done.stdout.index(b"event: hello") < done.stdout.index(b"event: quote"), done.stdout[:2000]
        assert b'"status":4' not in done.stdout, (command, done.stdout[:500])
