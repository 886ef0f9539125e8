"""Grafana's dashboards show every metric that is declared, ask for nothing else, and are handed on
by the chart as they are."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from services.chassis import metrics
from services.chassis.metrics import Metric
from services.ctl.dashboards import DASHBOARDS, Dashboard, Query, files
from tests.support.charts import rendered
from tests.support.helm import CHART, of_kind
from tests.support.promql import nodes, selectors, unknown


def in_prometheus(expr: str) -> str:
    """With what Grafana fills in."""
    return expr.replace("$__rate_interval", "5m").replace("$namespace", "coaching")


def queries(dashboard: Dashboard) -> list[Query]:
    return [query for row in dashboard.rows.values() for panel in row for query in panel.queries]


EVERY = [query for each in DASHBOARDS for query in queries(each)]


@pytest.mark.parametrize("query", EVERY, ids=lambda query: query.expr[:80])
def test_a_query_is_promql_of_what_is_exported(query: Query) -> None:
    expr = in_prometheus(query.expr)
    assert "$" not in expr
    assert list(nodes(expr))
    assert not unknown(expr)


@pytest.mark.parametrize("query", EVERY, ids=lambda query: query.expr[:80])
def test_a_query_looks_at_one_release_and_its_legend_has_what_is_left(query: Query) -> None:
    assert "$namespace" in query.expr
    lists = re.findall(r"by \(([^)]*)\)", query.expr)
    grouped = {name for each in lists for name in each.split(", ")}
    named = set(re.findall(r"\{\{(\w+)\}\}", query.legend))
    assert named <= grouped
    assert not grouped - named - {"le", "namespace", ""}


def test_every_metric_is_on_a_dashboard() -> None:
    shown = {selector.name for query in EVERY for selector in selectors(in_prometheus(query.expr))}
    declared = {each.name for each in vars(metrics).values() if isinstance(each, Metric)}
    missing = [name for name in declared if not any(each.startswith(name) for each in shown)]
    assert not missing


def test_a_name_that_nothing_exports_would_be_noticed() -> None:
    assert unknown(in_prometheus('sum(tandem_lag{namespace="$namespace"})')) == ["tandem_lag"]


def test_panels_have_places_of_their_own_and_say_what_they_show() -> None:
    for found in files().values():
        assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])
        taken: set[tuple[int, int]] = set()
        for panel in found["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24
            cells = {
                (place["x"] + x, place["y"] + y)
                for x in range(place["w"])
                for y in range(place["h"])
            }
            assert not cells & taken, panel["title"]
            taken |= cells
            assert panel["type"] == "row" or panel["description"]


def test_the_files_of_the_chart_are_these() -> None:
    folder = CHART / "files/dashboards"
    assert {path.name for path in folder.iterdir()} == files().keys()
    for name, made in files().items():
        assert json.loads((folder / name).read_text()) == made


def maps(name: str) -> list[Any]:
    return [
        each
        for each in of_kind(rendered(name), "ConfigMap")
        if each["metadata"]["name"].endswith("-dashboard")
    ]


def test_the_chart_hands_them_on_where_it_is_told_to() -> None:
    assert not maps("least")
    found = maps("everything")
    assert {each["metadata"]["name"] for each in found} == {
        "tandem-people-dashboard",
        "tandem-inside-dashboard",
    }
    for each in found:
        assert each["metadata"]["labels"]["grafana_dashboard"] == "1"
        assert each["metadata"]["annotations"] == {"grafana_folder": "Tandem"}
        ((name, text),) = each["data"].items()
        assert json.loads(text) == files()[name]
