"""The vendor's SDK with a login in place of a key: its token file, filled by the simulated broker.

Its own login page cannot be used, since the address of its authorization server cannot be changed; so the code flow is
gone through here, and the SDK finds the tokens where it would have put them.
"""

import json
import os
import pathlib
import urllib.error
import urllib.parse
import urllib.request

KEPT = []
CALLBACK = "http://localhost:60355/callback"


def kept(context):
    """The context, which lives to the end: one that goes takes connections along that the SDK hands to other contexts."""
    KEPT.append(context)
    return context


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


def environment(sandbox, home, data_center="ap"):
    """The variables of an SDK process whose home holds a token for this broker, at one of its data centres."""
    variables = sandbox.ready["sandbox"]["environment"]
    base = variables["LONGBRIDGE_HTTP_URL"]

    def post(path, body, kind):
        headers = {"Content-Type": kind, "x-dc-region": data_center}
        request = urllib.request.Request(base + path, body.encode(), headers)
        return json.loads(urllib.request.urlopen(request, timeout=10).read())

    client = post("/oauth2/register", json.dumps({"client_name": "sdk", "redirect_uris": [CALLBACK]}),
                  "application/json")["client_id"]
    asked = urllib.parse.urlencode({
        "response_type": "code", "client_id": client, "redirect_uri": CALLBACK, "state": "s", "auto_approve": "1",
        "data_center": data_center})
    try:
        urllib.request.build_opener(Stay).open(f"{base}/oauth2/authorize?{asked}", timeout=10)
        raise AssertionError("no redirect")
    except urllib.error.HTTPError as answer:
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))["code"]
    tokens = post("/oauth2/token", urllib.parse.urlencode({
        "grant_type": "authorization_code", "client_id": client, "redirect_uri": CALLBACK, "code": code}),
        "application/x-www-form-urlencoded")
    folder = pathlib.Path(home) / ".longbridge" / "openapi" / "tokens"
    folder.mkdir(parents=True)
    (folder / client).write_text(json.dumps({
        "client_id": client, "access_token": tokens["access_token"], "refresh_token": tokens["refresh_token"],
        "expires_at": 4_000_000_000}))
    others = {name: value for name, value in variables.items() if "APP_" not in name and "TOKEN" not in name}
    return {**os.environ, **others, "HOME": str(home), "SDK_CLIENT_ID": client}


def american(sandbox):
    """The variables of an SDK process that opens the account at the US data centre: its credentials say so."""
    variables = dict(sandbox.ready["sandbox"]["environment"])
    for name in ("LONGBRIDGE_APP_KEY", "LONGBRIDGE_ACCESS_TOKEN"):
        variables[name] = "us_" + variables[name]
    return {**os.environ, **variables}


class Recorded:
    """A context whose methods are counted as they are called."""

    def __init__(self, context):
        self._context, self.called = context, set()

    def __getattr__(self, name):
        self.called.add(name)
        return getattr(self._context, name)

    def report(self):
        """What was called, and what could have been."""
        public = sorted(name for name in dir(type(self._context)) if not name.startswith("_"))
        return {"called": sorted(self.called), "public": public}


def config():
    """Of the process's environment: a login if it names a client, otherwise a key."""
    from longbridge.openapi import Config, OAuthBuilder

    client = os.environ.get("SDK_CLIENT_ID")
    if client is None:
        return Config.from_apikey_env()

    def nobody(url):
        raise SystemExit("the SDK does not take the token file")

    return Config.from_oauth(OAuthBuilder(client).build(nobody))
