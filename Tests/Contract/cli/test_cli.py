"""The command line from outside: exit codes, messages, files and signals."""

import json
import os
import pathlib
import pty
import re
import resource
import signal
import socket
import stat
import subprocess
import threading
import time

import pytest

from conftest import binary

HASH = "sha256:" + "ab" * 32
ACCOUNT = """
accounts:
  - alias: main
    broker: longbridge
    environment: sandbox
    longbridge:
      {app_key: k, app_secret: s, access_token: t, http_url: "http://127.0.0.1:9",
       quote_url: "ws://127.0.0.1:9", trade_url: "ws://127.0.0.1:9"}
"""
KEYS = f"""
keys:
  - {{name: reader, hash: "{HASH}", scopes: [market:read], accounts: [main]}}
"""


def run(*arguments, environment=None, cwd=None, timeout=30, **options):
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LONGBRIDGE_", "LONGPORT_", "BROKERBRIDGE_ACCOUNT_"))}
    return subprocess.run(
        [binary(), *arguments], capture_output=True, text=True, timeout=timeout, cwd=cwd,
        env={**clean, **(environment or {})}, **options,
    )


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def wait_for(condition, seconds=15):
    pause, end = threading.Event(), time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.02)


class TestHelp:
    @pytest.mark.parametrize("words", [[], ["serve"], ["sandbox"], ["check-config"], ["key", "create"], ["healthcheck"]])
    def test_help_is_on_stdout_and_ends_with_zero(self, words):
        done = run(*words, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert "Usage: brokerbridge" in done.stdout

    @pytest.mark.parametrize(("word", "commands"), [("key", ["create", "list", "revoke"]), ("audit", ["verify", "export"])])
    def test_a_word_that_begins_several_commands_names_them(self, word, commands):
        done = run(word, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert all(f"  {word} {command} " in done.stdout for command in commands)

    def test_the_help_of_the_sandbox_alone_is_its_own(self):
        assert "configuration" not in run("sandbox", "--help").stdout
        assert run("sandbox", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0").returncode == 64

    def test_version(self):
        done = run("--version")
        assert done.returncode == 0
        assert re.fullmatch(r"brokerbridge \d+\.\d+\.\d+\n", done.stdout)

    @pytest.mark.parametrize(
        "words",
        [[], ["serv"], ["serve", "--bogus"], ["serve", "--listen", "8080"], ["serve", "x"], ["check-config"],
         ["key"], ["key", "create"], ["healthcheck"], ["sandbox", "--config", "x"]],
    )
    def test_a_wrong_command_line_ends_with_64_and_says_why(self, words):
        done = run(*words)
        assert (done.returncode, done.stdout) == (64, "")
        assert done.stderr.startswith("brokerbridge: ")
        assert "Try 'brokerbridge --help'." in done.stderr


class TestKeyCreate:
    def test_the_printed_hash_is_the_keys(self):
        done = run("key", "create", "--name", "n", "--scope", "market:read", "--account", "main")
        assert done.returncode == 0
        key = re.search(r"^  (bb_[A-Za-z0-9_-]{43})$", done.stdout, re.M).group(1)
        digest = subprocess.run(["sha256sum"], input=key, capture_output=True, text=True, check=True).stdout.split()[0]
        assert f'hash: "sha256:{digest}"' in done.stdout
        again = run("key", "create", "--name", "n", "--scope", "market:read")
        assert key not in again.stdout

    def test_the_printed_lines_are_a_configuration(self, tmp_path):
        done = run("key", "create", "--name", "n", "--scope", "market:read", "--scope", "trade:cancel", "--account", "main")
        lines = done.stdout[done.stdout.index("  - name"):]
        checked = run("check-config", write(tmp_path / "b.yaml", ACCOUNT + "keys:\n" + lines))
        assert checked.returncode == 0, checked.stderr
        assert "1 account, 1 key" in checked.stdout


class TestKeysOfAState:
    @pytest.mark.parametrize("words", [["list"], ["revoke", "k_1"]])
    def test_a_folder_that_is_not_there_is_named_and_not_made(self, tmp_path, words):
        done = run("key", *words, "--state", str(tmp_path / "stat"))
        assert done.returncode == 73, done
        assert f"{tmp_path}/stat" in done.stderr and done.stdout == ""
        assert not (tmp_path / "stat").exists()

    def test_an_audit_log_that_is_not_there_is_named(self, tmp_path):
        for command in ("verify", "export"):
            done = run("audit", command, "--state", str(tmp_path))
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith(f"brokerbridge: there is no audit log in {tmp_path}")


class TestCheckConfiguration:
    def test_every_mistake_is_listed_at_once(self, tmp_path):
        text = ACCOUNT + KEYS + "listen: {adresses: [], allow_plain_http_on: yes}\nlimits:\n  streams: 0\n"
        file = write(tmp_path / "b.yaml", text)
        done = run("check-config", file)
        assert (done.returncode, done.stdout) == (78, "")
        lines = done.stderr.splitlines()
        assert len(lines) == 3, done.stderr
        row = text[: text.index("listen")].count("\n") + 1
        assert lines[0].startswith(f"{file}:{row}:10: listen.adresses: unknown key")
        assert lines[1].startswith(f"{file}:{row}:45: listen.allow_plain_http_on:")
        assert lines[2] == f"{file}:{row + 2}:12: limits.streams: 0 is outside 1 to 100000"

    def test_a_yaml_bomb_costs_nothing(self, tmp_path):
        bomb = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
        began = time.monotonic()
        done = run("check-config", write(tmp_path / "b.yaml", bomb))
        assert done.returncode == 78
        assert "anchors (&) are not accepted" in done.stderr
        assert time.monotonic() - began < 10

    def test_secrets_in_a_file_open_to_others_are_refused_and_not_shown(self, tmp_path):
        file = write(tmp_path / "b.yaml", ACCOUNT.replace("app_secret: s", "app_secret: hush-hush") + KEYS, 0o644)
        done = run("check-config", file)
        assert done.returncode == 78
        assert "mode 0644" in done.stderr
        assert "hush" not in done.stderr
        secret = write(tmp_path / "secret", "hush-hush\n", 0o640)
        done = run(
            "check-config", write(tmp_path / "c.yaml", ACCOUNT + KEYS),
            environment={"BROKERBRIDGE_ACCOUNT_MAIN_APP_SECRET_FILE": secret},
        )
        assert done.returncode == 78
        assert "mode 0640" in done.stderr and "hush" not in done.stderr

    def test_a_key_behind_a_passphrase_is_refused_and_nobody_is_asked_for_it(self, tmp_path):
        """At a terminal OpenSSL would ask, and everything would wait for the answer."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-passout", "pass:hush",
             "-keyout", tmp_path / "key.pem", "-out", tmp_path / "chain.pem", "-days", "30", "-subj", "/CN=localhost"],
            check=True, capture_output=True)
        (tmp_path / "key.pem").chmod(0o600)
        file = write(tmp_path / "b.yaml", ACCOUNT + KEYS + "listen:\n  tls: {certificate: chain.pem, key: key.pem}\n")
        done = run("check-config", file)
        assert done.returncode == 78
        assert "listen.tls.key" in done.stderr and "without a passphrase" in done.stderr
        terminal, child = pty.openpty()
        process = subprocess.Popen(
            [binary(), "serve", "--config", file, "--listen", "127.0.0.1:0", "--state", str(tmp_path / "state")],
            stdin=child, stdout=child, stderr=child, preexec_fn=os.setsid)
        os.close(child)
        try:
            assert process.wait(60) == 78
            assert b"pass phrase" not in os.read(terminal, 65536)
        finally:
            process.kill()
            os.close(terminal)

    def test_the_vendors_variables_are_an_account(self, tmp_path):
        environment = {"LONGBRIDGE_APP_KEY": "a", "LONGBRIDGE_APP_SECRET": "b", "LONGPORT_ACCESS_TOKEN": "c"}
        done = run("check-config", write(tmp_path / "b.yaml", KEYS), environment=environment)
        assert done.returncode == 0, done.stderr
        del environment["LONGBRIDGE_APP_SECRET"]
        done = run("check-config", write(tmp_path / "b.yaml", KEYS), environment=environment)
        assert done.returncode == 78
        assert "LONGBRIDGE_APP_SECRET" in done.stderr or "APP_SECRET in the environment" in done.stderr

    def test_a_missing_file_is_named(self):
        done = run("check-config", "/nowhere/b.yaml")
        assert done.returncode == 78
        assert done.stderr.startswith("/nowhere/b.yaml: cannot read")


class TestRefusals:
    """Everything here ends before a socket opens."""

    def serve(self, tmp_path, *arguments, **options):
        return run("serve", *arguments, "--state", str(tmp_path / "state"), cwd=tmp_path, **options)

    def test_no_key_no_service(self, tmp_path):
        done = self.serve(tmp_path)
        assert done.returncode == 78
        assert "no key is configured" in done.stderr and "no account is configured" in done.stderr

    def test_plain_http_in_public_is_refused_for_the_option_too(self, tmp_path):
        file = write(tmp_path / "b.yaml", ACCOUNT + KEYS)
        done = self.serve(tmp_path, "--config", file, "--listen", "0.0.0.0:0")
        assert done.returncode == 78
        assert "allow_plain_http_on: public" in done.stderr

    def test_limits_the_process_cannot_keep_are_refused(self, tmp_path):
        file = write(tmp_path / "b.yaml", ACCOUNT + KEYS + "limits: {connections: 5000}\n")
        done = self.serve(
            tmp_path, "--config", file, "--listen", "127.0.0.1:0",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024)),
        )
        assert done.returncode == 78
        assert "the process may open 1024" in done.stderr

    def test_a_weak_state_folder_is_refused_by_name(self, tmp_path):
        (tmp_path / "state").mkdir()
        (tmp_path / "state").chmod(0o755)
        done = self.serve(tmp_path, "--sandbox", "--listen", "127.0.0.1:0")
        assert done.returncode == 73
        assert f"{tmp_path}/state" in done.stderr

    def test_a_state_folder_without_a_parent_is_refused_by_name(self, tmp_path):
        done = run("serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(tmp_path / "a" / "b"))
        assert done.returncode == 73
        assert f"{tmp_path}/a/b" in done.stderr

    def test_an_address_in_use_is_named(self, tmp_path):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            done = self.serve(tmp_path, "--sandbox", "--listen", address)
            assert done.returncode == 69, done.stderr
            assert address in done.stderr


class TestRunning:
    def test_the_ready_file_is_whole_and_private(self, start):
        with start("serve", "--sandbox") as bridge:
            assert bridge.ready["pid"] == bridge.process.pid
            assert bridge.ready["accounts"] == ["sandbox", "sandbox-futu"]
            assert re.fullmatch(r"bb_[A-Za-z0-9_-]{43}", bridge.ready["key"])
            environment = bridge.ready["sandbox"]["environment"]
            for name in ["APP_KEY", "APP_SECRET", "ACCESS_TOKEN", "HTTP_URL", "QUOTE_WS_URL", "TRADE_WS_URL"]:
                assert environment[f"LONGBRIDGE_{name}"]
            folder = pathlib.Path(bridge.output_path()).parent
            assert stat.S_IMODE((folder / "ready.json").stat().st_mode) == 0o600
            assert stat.S_IMODE((folder / "state").stat().st_mode) == 0o700
            assert bridge.stop() == 0
            assert not (folder / "ready.json").exists()

    def test_the_sandbox_alone_takes_the_same_options(self, start):
        with start("sandbox") as sandbox:
            environment = sandbox.ready["sandbox"]["environment"]
            assert environment["LONGBRIDGE_HTTP_URL"] == sandbox.ready["url"]
            assert f"export LONGBRIDGE_HTTP_URL={sandbox.ready['url']}" in sandbox.output()

    def test_a_second_process_on_one_state_folder_ends_at_once(self, start):
        with start("serve", "--sandbox") as bridge:
            state = pathlib.Path(bridge.output_path()).parent / "state"
            began = time.monotonic()
            done = run("serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(state))
            assert done.returncode == 75
            assert f"in use by process {bridge.process.pid}" in done.stderr
            assert time.monotonic() - began < 10
            assert bridge.get("/healthz")[0] == 200

    @pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
    def test_a_stop_is_graceful_with_streams_open(self, start, name):
        with start("serve", "--sandbox") as bridge:
            stream = bridge.stream("topics=quote:700.HK")
            events = stream.events(15)
            assert next(events).name == "hello"
            began = time.monotonic()
            bridge.process.send_signal(getattr(signal, name))
            rest = [event.name for event in events]
            assert rest[-1] == "bye", rest[-3:]
            assert bridge.process.wait(12) == 0
            assert time.monotonic() - began < 10

    def test_memory_is_closed_to_others_and_no_core_is_left(self, start):
        with start("serve", "--sandbox") as bridge:
            limits = pathlib.Path(f"/proc/{bridge.process.pid}/limits").read_text()
            assert re.search(r"Max core file size\s+0\s+0", limits)
            assert os.stat(f"/proc/{bridge.process.pid}/environ").st_uid == 0

    def test_healthcheck_tells_the_living_from_the_dead(self, start):
        with start("serve", "--sandbox") as bridge:
            assert run("healthcheck", bridge.url).returncode == 0
            assert run("healthcheck", f"{bridge.url}/healthz").returncode == 0
            assert run("healthcheck", f"{bridge.url}/nowhere").returncode == 1
        assert run("healthcheck", bridge.url).returncode == 1
        assert run("healthcheck", "not a url").returncode == 64

    def test_a_small_nofile_is_enough_for_the_defaults(self, tmp_path):
        ready = tmp_path / "ready"
        process = subprocess.Popen(
            [binary(), "serve", "--sandbox", "--listen", "127.0.0.1:0", "--state", str(tmp_path / "s"), "--ready-file", str(ready)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024)),
        )
        try:
            wait_for(lambda: ready.exists() or process.poll() is not None)
        finally:
            process.send_signal(signal.SIGTERM)
            errors = process.communicate(timeout=15)[1]
        assert process.returncode == 0, errors
        limits = [json.loads(line) for line in errors.splitlines() if '"process.limits"' in line]
        assert limits and limits[0]["limit"] == 1024

    def test_every_line_of_the_log_is_json_without_secrets(self, start):
        with start("serve", "--sandbox") as bridge:
            bridge.get("/v1/quotes?symbols=700.HK", headers={"X-Secret": "hush-hush"})
            bridge.get("/v1/depth/700.HK?hush-hush=1")
            bridge.stop()
            lines = bridge.errors().splitlines()
            records = [json.loads(line) for line in lines]
            secrets = [bridge.key, "hush-hush", bridge.ready["sandbox"]["environment"]["LONGBRIDGE_ACCESS_TOKEN"]]
            for secret in secrets:
                assert not any(secret in line for line in lines)
            requests = [record for record in records if record["event"] == "http.request"]
            assert {"/v1/quotes", "/v1/depth/{symbol}"} <= {record.get("route") for record in requests}
            assert all(record["key"] == "demo" for record in requests if record.get("route", "").startswith("/v1/"))


class TestReload:
    def start(self, start, tmp_path, keys):
        file = tmp_path / "b.yaml"
        write(file, self.text(keys))
        return start("serve", "--sandbox", "--config", str(file)), file

    def text(self, keys, level="info", extra=""):
        entries = "".join(
            f'  - {{name: {name}, hash: "{digest}", scopes: [market:read, ops:read], accounts: [sandbox]}}\n' for name, digest in keys
        )
        return (f"keys:\n{entries}" if keys else "") + f"log: {{level: {level}}}\n{extra}"

    def make_key(self):
        out = run("key", "create", "--name", "k", "--scope", "market:read").stdout
        return re.search(r"bb_[A-Za-z0-9_-]{43}", out).group(0), re.search(r"sha256:[0-9a-f]{64}", out).group(0)

    def status(self, bridge, key):
        bridge.key = key
        return bridge.get("/v1/accounts")[0]

    def test_keys_come_and_go_and_a_broken_file_changes_nothing(self, start, tmp_path):
        (old, old_hash), (new, new_hash) = self.make_key(), self.make_key()
        running, file = self.start(start, tmp_path, [("old", old_hash)])
        with running as bridge:
            assert self.status(bridge, old) == 200 and self.status(bridge, new) == 401
            bridge.key = old
            stream = bridge.stream("topics=quote:700.HK")
            events = stream.events(15)
            assert next(events).name == "hello"

            write(file, self.text([("new", new_hash)]) + "limits: {streams: 0, bogus: 1}\n")
            bridge.process.send_signal(signal.SIGHUP)
            wait_for(lambda: bridge.errors().count('"configuration.problem"') == 2)
            assert self.status(bridge, old) == 200 and self.status(bridge, new) == 401
            assert next(events).name != "bye"
            bridge.key = old
            assert b"brokerbridge_configuration_current 0\n" in bridge.get("/metrics")[2]

            write(file, self.text([("new", new_hash)], extra="limits: {streams: 7}\n"))
            bridge.process.send_signal(signal.SIGHUP)
            wait_for(lambda: self.status(bridge, new) == 200)
            assert b"brokerbridge_configuration_current 1\n" in bridge.get("/metrics")[2]
            assert self.status(bridge, old) == 401
            assert [event for event in events][-1].name == "bye"
            restart = [line for line in bridge.errors().splitlines() if '"configuration.needs_restart"' in line]
            assert len(restart) == 1 and json.loads(restart[0])["setting"] == "limits"
