"""Answers of the bridge, judged by the schema that openapi.yaml gives for their path."""

import functools
import re

import jsonschema_rs
import yaml

from conftest import ROOT


@functools.cache
def contract():
    return yaml.safe_load((ROOT / "openapi.yaml").read_text())


def template_of(path):
    path = path.split("?")[0]
    for template in sorted(contract()["paths"], key=lambda text: text.count("{")):
        # What stands for `path` may have slashes.
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template.replace("{path}", "\0")).replace("\0", ".+")
        if re.fullmatch(pattern, path):
            return template
    raise AssertionError(f"{path} is not in the contract")


def judge(path, status, body, method="GET"):
    """Raises unless `body` is what the contract says for this status."""
    responses = contract()["paths"][template_of(path)][method.lower()]["responses"]
    response = responses.get(str(status)) or responses["default"]
    if "$ref" in response:
        response = contract()["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    content = response.get("content", {})
    kind = next((value for name, value in content.items() if "json" in name), None)
    if kind is None:
        return
    schema = {**kind["schema"], "components": contract()["components"]}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(body)


def ask(bridge, path, expected=200, method="GET", body=None, headers=None):
    """The body of an answer with the expected status that keeps to the contract."""
    import json

    payload = None if body is None else json.dumps(body)
    extra = {**({"Content-Type": "application/json"} if payload else {}), **(headers or {})}
    status, _, answer = bridge.request(method, path, headers=extra, body=payload)
    assert status == expected, (method, path, status, answer)
    judge(path, status, answer, method)
    return answer
