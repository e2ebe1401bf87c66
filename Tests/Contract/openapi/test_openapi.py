"""The contract, judged by schemathesis against the running bridge."""

import pathlib
import subprocess
import sys

import pytest
import yaml

from conftest import ROOT

CONTRACT = yaml.safe_load((ROOT / "openapi.yaml").read_text())


def test_the_contract_is_served_as_it_stands(bridge):
    status, headers, body = bridge.get("/openapi.yaml")
    assert status == 200
    assert body.decode().strip() == (ROOT / "openapi.yaml").read_text().strip()


def test_every_problem_code_in_the_program_is_in_the_contract():
    import re

    listed = set(CONTRACT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    used = set()
    for path in [*(ROOT / "Sources" / "Bridge").rglob("*.swift"), *(ROOT / "Sources" / "HTTPWire").rglob("*.swift"),
                 *(ROOT / "Sources" / "HTTPServing").rglob("*.swift")]:
        text = path.read_text()
        used |= set(re.findall(r'code: "([a-z_]+)"', text)) | set(re.findall(r'problem\(\d+, "([a-z_]+)"', text))
    assert used <= listed, used - listed


def test_every_code_is_explained_and_nothing_else():
    listed = set(CONTRACT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    assert set(CONTRACT["x-problems"]) == listed


def test_the_json_form_says_the_same(bridge):
    status, headers, body = bridge.get("/openapi.json")
    assert status == 200 and body == CONTRACT
    status, _, _ = bridge.get("/openapi.json", headers={"If-None-Match": headers["ETag"]})
    assert status == 304


def test_the_pages_need_no_other_host(bridge):
    import re

    for path in ["/docs", "/docs/errors", "/docs/page.js", "/docs/page.css"]:
        status, headers, body = bridge.request("GET", path, headers={"Authorization": ""})
        assert status == 200 and headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(rb"https?://|<script>|style=|\bon[a-z]+=", body), path
        if path in ("/docs", "/docs/errors"):
            policy = headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy


def test_a_problem_points_to_its_place_on_the_page(bridge):
    _, _, page = bridge.get("/docs/errors")
    for code in CONTRACT["x-problems"]:
        assert f'id="{code}"'.encode() in page
    _, _, problem = bridge.get("/v1/quotes")
    assert problem["type"] == f"/docs/errors#{problem['code']}"


def test_random_requests_get_answers_of_the_contract(bridge, tmp_path):
    # What an account's broker does not offer is 501, which is no fault of the server.
    (tmp_path / "schemathesis.toml").write_text(
        '[checks]\nnot_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", 501]\n')
    command = [
        str(pathlib.Path(sys.executable).parent / "st"), "run", str(ROOT / "openapi.yaml"), "--url", bridge.url,
        "--header", f"Authorization: Bearer {bridge.key}", "--exclude-path", "/v1/stream", "--exclude-tag", "trading",
        "--exclude-tag", "authorization", "--exclude-tag", "reference", "--exclude-tag", "risk",
        "--exclude-path", "/v1/accounts/{account}/session/reconnect",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1", "--request-timeout", "10",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:]


def test_random_requests_about_orders_get_answers_of_the_contract(pair, tmp_path):
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    contract["components"]["parameters"]["accountInPath"]["schema"] = {"const": "main"}
    # Answered 501 by this broker, and honestly so.
    types = contract["components"]["schemas"]["OrderType"]["enum"]
    contract["components"]["schemas"]["OrderType"]["enum"] = [t for t in types if t not in ("stop", "stop_limit")]
    del contract["paths"]["/v1/accounts/{account}/opend/{name}"]
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(contract))
    command = [
        str(pathlib.Path(sys.executable).parent / "st"), "run", "openapi.yaml", "--url", pair.bridge.url,
        "--header", f"Authorization: Bearer {pair.bridge.key}", "--include-tag", "trading",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1", "--request-timeout", "40",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:]


def test_random_requests_about_risk_get_answers_of_the_contract(pair, tmp_path):
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    contract["components"]["parameters"]["accountInPath"]["schema"] = {"const": "main"}
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(contract))
    command = [
        str(pathlib.Path(sys.executable).parent / "st"), "run", "openapi.yaml", "--url", pair.bridge.url,
        "--header", f"Authorization: Bearer {pair.bridge.key}", "--include-tag", "risk",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "15", "--seed", "1", "--request-timeout", "40",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=tmp_path)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "DELETE"])
def test_other_methods_are_refused_with_allow(bridge, method):
    status, headers, body = bridge.request(method, "/v1/quotes")
    assert status == 405 and "GET" in headers["Allow"]
    assert body["code"] == "method_not_allowed"
