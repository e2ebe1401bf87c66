"""The screener's body, as a caller gets it wrong or right."""

import pytest

from judged import ask

LAST = {"field": "last", "min": "10"}


@pytest.mark.parametrize("body, field, code", [
    ({"filters": [LAST]}, "/market", "missing_field"),
    ({"market": "HK"}, "/filters", "missing_field"),
    ({"market": "HK", "filters": []}, "/filters", "invalid_field"),
    ({"market": "HK", "filters": [7]}, "/filters/0", "invalid_field"),
    ({"market": "HK", "filters": [{"field": "beauty"}]}, "/filters/0/field", "invalid_field"),
    ({"market": "HK", "filters": [{"min": "1"}]}, "/filters/0/field", "invalid_field"),
    ({"market": "HK", "filters": [{"field": "last", "min": "1e5"}]}, "/filters/0/min", "invalid_field"),
    ({"market": "HK", "filters": [{"field": "last", "days": 3}]}, "/filters/0/days", "unknown_field"),
    ({"market": "HK", "filters": [{"field": "change_percent"}]}, "/filters/0/days", "missing_field"),
    ({"market": "HK", "filters": [{"field": "net_profit"}]}, "/filters/0/report", "missing_field"),
    ({"market": "HK", "filters": [{"pattern": "ma_aligned_up"}]}, "/filters/0/interval", "missing_field"),
    ({"market": "HK", "filters": [{"indicator": "ma5", "relation": "above", "to": "value", "interval": "1d"}]},
     "/filters/0/value", "invalid_field"),
    ({"market": "HK", "filters": [{"indicator": "ma", "parameters": [5, "x"], "relation": "above", "to": "price",
                                   "interval": "1d"}]}, "/filters/0/parameters/1", "invalid_field"),
    ({"market": "HK", "limit": 201, "filters": [LAST]}, "/limit", "invalid_field"),
    ({"market": "HK", "cursor": "next", "filters": [LAST]}, "/cursor", "invalid_field"),
    ({"market": "HK", "filters": [LAST] * 51}, "/filters", "invalid_field"),
])
def test_a_wrong_body_is_refused_where_it_is_wrong(bridge, body, field, code):
    answer = ask(bridge, "/v1/screener", 400, method="POST", body=body)
    assert (answer["code"], answer["field"]) == (code, field)
