"""A token endpoint that answers nonsense: nothing is followed, nothing is believed, and no login is lost by it."""

import http.server
import json
import threading
import time
import urllib.parse

import pytest

from logins import ACCOUNT, logins

GOOD = {"access_token": "hk_m_good", "refresh_token": "rt_good", "expires_in": 86400, "token_type": "Bearer"}


class Liar:
    """Answers the token endpoint as it is told, in order; the last answer stays."""

    def __init__(self, answers):
        self.answers, self.presented, self.followed = list(answers), [], 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                outer.followed += self.path.startswith("/elsewhere")
                self.send_response(404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                if self.path.startswith("/elsewhere"):
                    outer.followed += 1
                outer.presented.append(dict(urllib.parse.parse_qsl(body)).get("refresh_token"))
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                try:
                    answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                self.close_connection = True

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def end(self):
        self.http.shutdown()
        self.http.server_close()


def says(text, status=200, length=None, fields=()):
    data = text if isinstance(text, bytes) else text.encode()

    def answer(request):
        request.send_response(status)
        for name, value in fields:
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data) if length is None else length))
        request.end_headers()
        request.wfile.write(data)
    return answer


def good(**members):
    value = {**GOOD, **members}
    return says(json.dumps({name: given for name, given in value.items() if given is not None}))


@pytest.fixture
def court(tmp_path, request):
    """A bridge whose token has ended and is renewed at a liar's."""
    liar = Liar(request.param)
    file = tmp_path / "token"
    file.write_text(json.dumps({
        "client_id": "c", "access_token": "hk_m_old", "refresh_token": "rt_old", "expires_at": int(time.time()) - 10}))
    file.chmod(0o600)
    with logins(oauth_url=liar.url, token_file=str(file)) as pair:
        pair.bend(accept_foreign=True)
        pair.start()
        yield liar, pair
    liar.end()


REDIRECT = says("", 302, fields=[("Location", "/elsewhere")])
SAME = says("", 307, fields=[("Location", "/elsewhere")])


@pytest.mark.parametrize("court", [
    [says("<html>login</html>"), good()], [REDIRECT, good()], [SAME, good()], [says(b"\x00" * (50 << 20)), good()],
    [says(json.dumps(GOOD)[:40]), good()], [says("[]"), good()], [says("", 200), good()],
    [says(json.dumps({**GOOD, "access_token": "a\r\nX-Evil: 1"})), good()],
    [says(json.dumps({**GOOD, "token_type": "mac"})), good()], [says("busy", 400), good()],
    [says(json.dumps({"error": "temporarily_unavailable"}), 400), good()],
], indirect=True, ids=[
    "html", "redirect", "redirect-post", "50MB", "half", "list", "empty", "header", "mac", "text", "transient"])
def test_nonsense_counts_as_no_answer_and_is_asked_again(court):
    liar, pair = court
    before = pair.bridge.resident_kilobytes()
    auth = pair.until(lambda auth: auth["state"] == "ready")
    assert auth["last_error"] is None
    assert set(liar.presented) == {"rt_old"} and 2 <= len(liar.presented) <= 3 and liar.followed == 0
    assert pair.bridge.resident_kilobytes() - before < 32 * 1024
    assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200


@pytest.mark.parametrize("court", [[says(json.dumps(GOOD), length=10_000), good()]], indirect=True, ids=["cut"])
def test_an_answer_cut_on_its_way_is_asked_for_once_more(court):
    liar, pair = court
    pair.until(lambda auth: auth["state"] == "ready")
    assert liar.presented == ["rt_old", "rt_old"]


@pytest.mark.parametrize("court", [
    [good(expires_in=-1)], [good(expires_in=0)], [good(expires_in="abc")], [good(expires_in=10**18)],
    [good(expires_in=None)], [good(expires_in=1e300)],
], indirect=True, ids=["negative", "zero", "text", "huge", "absent", "exponent"])
def test_a_life_that_cannot_be_is_replaced_by_one_that_can(court):
    liar, pair = court
    auth = pair.until(lambda auth: auth["state"] == "ready")
    year = time.gmtime(time.time() + 367 * 86400).tm_year
    assert int(auth["expires_at"][:4]) <= year
    # And it is not asked again at once.
    assert pair.bridge.get(ACCOUNT + "/balances")[0] == 200
    assert len(liar.presented) == 1


@pytest.mark.parametrize("court", [[good(refresh_token=None, access_token="hk_m_1"), good()]], indirect=True)
def test_without_a_new_refresh_token_the_old_one_is_kept(court):
    liar, pair = court
    pair.until(lambda auth: auth["state"] == "ready")
    assert pair.post("/auth/refresh")[0] == 200
    assert liar.presented == ["rt_old", "rt_old"]
    assert pair.post("/auth/refresh")[0] == 200
    assert liar.presented[-1] == "rt_good"
