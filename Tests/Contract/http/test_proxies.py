"""Behind proxies that people put before a service: what is ambiguous carries no request past them.

Each proxy refuses every path with `/orders` in it, and keeps its connections to the bridge. Messages whose framing can be read in
two ways hold an order within. If it were carried out, the bridge and the proxy would have read the message differently.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

from test_malformed import ORDER, authority, head

LISTING = "/v1/accounts/sandbox/orders?status=all&symbols=700.HK"
MODULES = "/usr/lib/apache2/modules"


def nginx(folder, port, host, upstream):
    (folder / "conf").write_text(f"""
        daemon off; pid {folder}/pid; error_log {folder}/log; worker_processes 1;
        events {{ worker_connections 64; }}
        http {{
            access_log off; client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
            uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
            upstream bridge {{ server {host}:{upstream}; keepalive 4; }}
            server {{
                listen 127.0.0.1:{port};
                location ~ /orders {{ return 403; }}
                location / {{
                    proxy_pass http://bridge; proxy_http_version 1.1; proxy_set_header Connection "";
                    proxy_set_header Host $http_host; proxy_request_buffering off;
                }}
            }}
        }}""")
    return ["nginx", "-p", str(folder), "-c", str(folder / "conf"), "-e", str(folder / "log")]


def haproxy(folder, port, host, upstream):
    (folder / "conf").write_text(f"""
defaults
    mode http
    timeout connect 5s
    timeout client 5s
    timeout server 5s
frontend before
    bind 127.0.0.1:{port}
    http-request deny if {{ path_sub /orders }}
    default_backend bridge
backend bridge
    http-reuse always
    server bridge {host}:{upstream}
""")
    return ["haproxy", "-db", "-f", str(folder / "conf")]


def lighttpd(folder, port, host, upstream):
    (folder / "conf").write_text(f"""
        server.document-root = "{folder}"
        server.bind = "127.0.0.1"
        server.port = {port}
        server.errorlog = "{folder}/log"
        server.stream-request-body = 1
        server.modules = ("mod_access", "mod_proxy")
        $HTTP["url"] =~ "/orders" {{ url.access-deny = ("") }}
        proxy.server = ("" => (("host" => "{host}", "port" => {upstream})))
        proxy.header = ("https-remap" => "disable")
        """)
    return ["lighttpd", "-D", "-f", str(folder / "conf")]


def apache2(folder, port, host, upstream):
    modules = ["mpm_event", "authz_core", "proxy", "proxy_http"]
    (folder / "conf").write_text("\n".join([
        f'ServerRoot "{folder}"', f"PidFile {folder}/pid", f"ErrorLog {folder}/log", f"Listen 127.0.0.1:{port}",
        "ServerName proxy", f"Mutex file:{folder}", f"DefaultRuntimeDir {folder}", "StartServers 1",
        *[f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules],
        "User nobody", "Group nogroup", "ProxyPreserveHost On", f'ProxyPass "/" "http://{host}:{upstream}/"',
        '<LocationMatch "/orders">', "Require all denied", "</LocationMatch>", "",
    ]))
    folder.chmod(0o777)
    return ["apache2", "-DFOREGROUND", "-f", str(folder / "conf")]


def varnishd(folder, port, host, upstream):
    (folder / "conf").write_text(f"""vcl 4.0;
        backend bridge {{ .host = "{host}"; .port = "{upstream}"; }}
        sub vcl_recv {{ if (req.url ~ "/orders") {{ return (synth(403)); }} return (pass); }}
        """)
    return [
        "varnishd", "-F", "-j", "none", "-a", f"127.0.0.1:{port}", "-f", str(folder / "conf"), "-n", str(folder / "work"),
        "-s", "malloc,16m",
    ]


@contextlib.contextmanager
def before(bridge, proxy, folder):
    """The proxy's port, while it runs."""
    program = shutil.which(proxy.__name__, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not program:
        pytest.skip(f"{proxy.__name__} is not installed (scripts/install-dependencies test)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = proxy(folder, port, bridge.host, bridge.port)
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen([program, *command[1:]], stdout=output, stderr=output)
    try:
        end, pause = time.monotonic() + 60, threading.Event()
        while True:
            with contextlib.suppress(OSError):
                if b" 200 " in ask(port, head(bridge, b"GET /healthz HTTP/1.1", b"Connection: close"), 5):
                    break
            logs = [folder / "output", folder / "log"]
            said = "".join(path.read_text(errors="replace")[-3000:] for path in logs if path.exists())
            assert process.poll() is None and time.monotonic() < end, said
            pause.wait(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def ask(port, message, seconds):
    """What comes back until the end, or for as long."""
    received, end = b"", time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        with contextlib.suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
            peer.sendall(message)
            while (left := end - time.monotonic()) > 0:
                peer.settimeout(left)
                chunk = peer.recv(65536)
                if not chunk:
                    break
                received += chunk
    return received


def messages(bridge):
    """Messages that two readers may take apart in two places, each with a whole order inside."""
    key = b"Authorization: Bearer " + bridge.key.encode()
    inner = head(
        bridge, b"POST /v1/accounts/sandbox/orders HTTP/1.1", key, b"Idempotency-Key: past-the-proxy",
        b"Content-Type: application/json", b"Content-Length: %d" % len(ORDER)) + ORDER

    def outer(*framing):
        return head(bridge, b"POST /v1/watchlists HTTP/1.1", key, b"Content-Type: application/json", *framing)

    # For a reader of lengths the order is body, for a reader of chunks it stands behind the end …
    behind = b"0\r\n\r\n" + inner
    # … and the other way round.
    within = b"%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n"
    codings = [
        b"Transfer-Encoding: chunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding:\tchunked", b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity, chunked", b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Transfer-Encoding:\r\n chunked",
        b"X: y\nTransfer-Encoding: chunked", b"Transfer_Encoding: chunked", b"Transfer-Encoding: \"chunked\"",
    ]
    for coding in codings:
        yield outer(b"Content-Length: %d" % len(behind), coding) + behind
        yield outer(coding, b"Content-Length: %d" % len(behind)) + behind
        yield outer(coding, b"Content-Length: %d" % (within.index(b"\r\n") + 2)) + within
    for lengths in (
        b"Content-Length: 0\r\nContent-Length: %d", b"Content-Length: %d\r\nContent-Length: 0", b"Content-Length: 0, %d",
        b"Content-Length: +%d", b"Content-Length: 0x0%d", b"Content-Length : %d", b"Content-Length:\r\n %d",
        b"X: y\nContent-Length: %d", b"Content_Length: %d", b"Content-Length: 0\nX: %d",
    ):
        yield outer(lengths % len(inner)) + inner
    for chunk in (b"0x0\r\n\r\n", b"0;\n\r\n", b"0 \r\n\r\n", b"00000000000000000\r\n\r\n", b"-0\r\n\r\n", b"2\r\nabXX0\r\n\r\n", b"1\n{\n0\n\n",
                  b"0\n\r\n", b"0\r\nX: y\n\r\n", b"100000000\r\n", b"10000000000000000\r\n"):
        yield outer(b"Transfer-Encoding: chunked") + chunk + inner
    for method in (b"GET", b"HEAD", b"OPTIONS", b"DELETE"):
        yield head(bridge, method + b" /healthz HTTP/1.1", b"Content-Length: %d" % len(inner)) + inner
    yield b"POST /v1/watchlists HTTP/1.0\r\nHost: " + authority(bridge) + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + behind
    yield head(bridge, b"GET /healthz HTTP/1.1", b"Expect: 100-continue", b"Content-Length: %d" % len(inner)) + inner
    yield head(bridge, b"GET /healthz HTTP/1.1", b"Connection: Content-Length", b"Content-Length: %d" % len(inner)) + inner
    yield head(bridge, b"GET /healthz HTTP/1.1", b"Connection: Transfer-Encoding", b"Transfer-Encoding: chunked") + within
    yield head(bridge, b"GET /healthz?x=\r\n\r\n" + inner, b"X: y")


@pytest.mark.parametrize("proxy", [nginx, haproxy, lighttpd, apache2, varnishd], ids=lambda proxy: proxy.__name__)
def test_no_message_carries_an_order_past_a_proxy(bridge, proxy, tmp_path):
    orders = lambda: [order["id"] for order in bridge.get(LISTING)[2]["data"]]
    with before(bridge, proxy, tmp_path) as port:
        known = orders()
        key = b"Authorization: Bearer " + bridge.key.encode()
        # The proxy does what it is there for, and what is asked for does come through.
        straight = head(
            bridge, b"POST /v1/accounts/sandbox/orders HTTP/1.1", key, b"Idempotency-Key: straight", b"Connection: close",
            b"Content-Type: application/json", b"Content-Length: %d" % len(ORDER)) + ORDER
        assert b" 403 " in ask(port, straight, 10).split(b"\r\n")[0]
        assert b"\"version\"" in ask(port, head(bridge, b"GET /v1/version HTTP/1.1", key, b"Connection: close"), 10)
        for number, message in enumerate(messages(bridge)):
            answer = ask(port, message, 0.3)
            if b"HTTP/1.1 201" in answer or orders() != known:
                raise AssertionError((number, message[:400], answer))
            # The next one on the same connection to the bridge gets its own answer.
            path = b"/no-such-path-%d" % number
            asked = ask(port, head(bridge, b"GET " + path + b" HTTP/1.1", b"Connection: close"), 10)
            assert re.match(rb"HTTP/1\.[01] 404 ", asked), (number, message[:400], asked[:400])
        assert orders() == known


def test_the_order_within_the_messages_is_one_that_would_be_carried_out(fresh_bridge):
    bridge = fresh_bridge
    known = len(bridge.get(LISTING)[2]["data"])
    message = next(iter(messages(bridge)))
    inner = message[message.index(b"POST /v1/accounts"):]
    answer = ask(bridge.port, inner.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1), 10)
    assert b" 201 " in answer.split(b"\r\n")[0]
    assert len(bridge.get(LISTING)[2]["data"]) == known + 1
