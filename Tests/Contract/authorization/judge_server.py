"""An authorization server that is not ours: oauthlib's endpoints behind Python's HTTP server.

Clients, codes and tokens are in memory. What oauthlib checks is its own: PKCE, redirect addresses, single use, grants,
client authentication. Addresses differ from the vendor's, so that only the discovery document leads to them.
"""

import contextlib
import http.server
import json
import secrets
import threading
import time
import urllib.parse

from oauthlib.oauth2 import RequestValidator, Server
from oauthlib.oauth2.rfc8628.endpoints import DeviceApplicationServer
from oauthlib.oauth2.rfc8628.grant_types import DeviceCodeGrant


class Client:
    def __init__(self, client_id, redirect_uris, secret=None):
        self.client_id, self.redirect_uris, self.secret = client_id, redirect_uris, secret


class Store(RequestValidator):
    """What oauthlib asks about."""

    def __init__(self):
        self.clients, self.codes, self.devices = {}, {}, {}
        self.tokens, self.refresh_tokens, self.dead = {}, {}, {}
        # Seconds for which a refresh token that was used is forgiven.
        self.grace = 0
        self.used, self.violations, self.calls = [], [], []

    # Clients

    def validate_client_id(self, client_id, request, *args, **kwargs):
        request.client = self.clients.get(client_id)
        return request.client is not None

    def client_authentication_required(self, request, *args, **kwargs):
        return True

    def authenticate_client(self, request, *args, **kwargs):
        client = self.clients.get(request.client_id)
        if client is None or (client.secret or None) != (request.client_secret or None):
            return False
        request.client = client
        return True

    def authenticate_client_id(self, client_id, request, *args, **kwargs):
        return False

    def validate_redirect_uri(self, client_id, redirect_uri, request, *args, **kwargs):
        return redirect_uri in self.clients[client_id].redirect_uris

    def validate_response_type(self, client_id, response_type, client, request, *args, **kwargs):
        return response_type == "code"

    def validate_grant_type(self, client_id, grant_type, client, request, *args, **kwargs):
        return True

    def get_default_scopes(self, client_id, request, *args, **kwargs):
        return ["4", "6"]

    def validate_scopes(self, client_id, scopes, client, request, *args, **kwargs):
        return set(scopes) <= {"4", "6", "10", "11"}

    # Codes

    def save_authorization_code(self, client_id, code, request, *args, **kwargs):
        self.codes[code["code"]] = {
            "client": client_id, "redirect_uri": request.redirect_uri, "scopes": request.scopes,
            "challenge": request.code_challenge, "method": request.code_challenge_method,
        }

    def is_pkce_required(self, client_id, request):
        return True

    def get_code_challenge(self, code, request):
        return self.codes[code]["challenge"]

    def get_code_challenge_method(self, code, request):
        return self.codes[code]["method"]

    def validate_code(self, client_id, code, client, request, *args, **kwargs):
        known = self.codes.get(code)
        if known is None or known["client"] != client_id:
            return False
        request.scopes, request.user = known["scopes"], "owner"
        return True

    def confirm_redirect_uri(self, client_id, code, redirect_uri, client, request, *args, **kwargs):
        return self.codes[code]["redirect_uri"] == redirect_uri

    def invalidate_authorization_code(self, client_id, code, request, *args, **kwargs):
        del self.codes[code]

    # Tokens

    def save_bearer_token(self, token, request, *args, **kwargs):
        self.tokens[token["access_token"]] = token
        self.refresh_tokens[token["refresh_token"]] = request.client_id
        if request.grant_type == "refresh_token":
            self.refresh_tokens.pop(request.refresh_token, None)
            self.dead.setdefault(request.refresh_token, (request.client_id, time.monotonic()))

    def validate_refresh_token(self, refresh_token, client, request, *args, **kwargs):
        if refresh_token in self.dead:
            owner, used = self.dead[refresh_token]
            if time.monotonic() - used < self.grace:
                return owner == client.client_id
            self.violations.append("a refresh token that was used")
        return self.refresh_tokens.get(refresh_token) == client.client_id

    def get_original_scopes(self, refresh_token, request, *args, **kwargs):
        return ["4", "6"]

    def rotate_refresh_token(self, request):
        return True

    def revoke_token(self, token, token_type_hint, request, *args, **kwargs):
        self.refresh_tokens.pop(token, None)
        self.calls.append("revoked")

    # Devices

    def validate_device_code(self, client_id, code, request, *args, **kwargs):
        device = self.devices.get(code)
        if device is None:
            return None
        now = time.monotonic()
        early = device["polled"] is not None and now - device["polled"] < device["interval"] - 0.05
        device["polled"] = now
        if early:
            device["interval"] += 5
            return DeviceCodeGrant.DEVICE_CODE_SLOW_DOWN
        if device["approved"] is None:
            return DeviceCodeGrant.DEVICE_CODE_PENDING
        if not device["approved"]:
            return DeviceCodeGrant.DEVICE_CODE_DENIED
        request.user, request.scopes = "owner", ["4", "6"]
        return DeviceCodeGrant.DEVICE_CODE_AUTHORIZED


class Judge:
    def __init__(self, issuer_in_callback=True):
        self.store = Store()
        self.server = Server(self.store, token_expires_in=3600)
        self.issuer_in_callback = issuer_in_callback
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                outer.handle(self)

            do_POST = do_GET

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.devices = DeviceApplicationServer(
            self.store, f"{self.url}/activate", interval=1, user_code_generator=lambda: secrets.token_hex(3).upper())
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def document(self):
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/as/page", "token_endpoint": f"{self.url}/as/give",
            "revocation_endpoint": f"{self.url}/as/take", "registration_endpoint": f"{self.url}/as/clients",
            "device_authorization_endpoint": f"{self.url}/as/code", "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": self.issuer_in_callback,
        }

    def handle(self, request):
        path = urllib.parse.urlsplit(request.path).path
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        fields = {name.title(): value for name, value in request.headers.items()}
        url = self.url + request.path
        self.store.calls.append(path)
        if path == "/.well-known/oauth-authorization-server":
            return self.send(request, {"Content-Type": "application/json"}, json.dumps(self.document()), 200)
        if path == "/as/clients":
            asked = json.loads(body)
            client = Client(secrets.token_hex(8), asked["redirect_uris"])
            self.store.clients[client.client_id] = client
            answer = {"client_id": client.client_id, "redirect_uris": client.redirect_uris}
            return self.send(request, {"Content-Type": "application/json"}, json.dumps(answer), 201)
        if path == "/as/page":
            scopes, credentials = self.server.validate_authorization_request(url, "GET", body, fields)
            headers, text, status = self.server.create_authorization_response(
                url, "GET", body, fields, scopes, {**credentials, "user": "owner"})
            if self.issuer_in_callback:
                headers["Location"] += "&iss=" + urllib.parse.quote(self.url, safe="")
            return self.send(request, headers, text, status)
        if path == "/as/give":
            return self.send(request, *self.server.create_token_response(url, "POST", body, fields))
        if path == "/as/take":
            return self.send(request, *self.server.create_revocation_response(url, "POST", body, fields))
        if path == "/as/code":
            headers, answer, status = self.devices.create_device_authorization_response(url, "POST", body, fields)
            self.store.devices[answer["device_code"]] = {
                "user_code": answer["user_code"], "approved": None, "polled": None, "interval": 1}
            return self.send(request, {"Content-Type": "application/json"}, json.dumps(answer), status)
        return self.send(request, {}, "no such page", 404)

    def send(self, request, headers, text, status):
        data = (text or "").encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def decide(self, user_code, approved):
        for device in self.store.devices.values():
            if device["user_code"] == user_code:
                device["approved"] = approved


@contextlib.contextmanager
def judge(**options):
    started = Judge(**options)
    try:
        yield started
    finally:
        started.http.shutdown()
        started.http.server_close()
