"""Grafana's dashboards, made of the metrics that are declared: each metric is on one of them.

`services.ctl.chart` writes them into the chart, one file each. A panel takes its description from
the metric that it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from prometheus_client import Histogram

from services.chassis import metrics as m
from services.chassis.metrics import Metric
from services.ctl.objectives import OBJECTIVES

SERVICE = "app_kubernetes_io_component"
POD = (SERVICE, "pod")
HERE = 'namespace="$namespace"'
WINDOW = "$__rate_interval"
WIDTH, HEIGHT = 8, 8
SOURCE = {"type": "prometheus", "uid": "${datasource}"}

Shown = Metric[Any]


@dataclass(frozen=True, slots=True)
class Query:
    """An expression and how its lines are called."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    queries: Sequence[Query]
    told: str
    unit: str = "short"


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`rows`: title -> panels."""

    uid: str
    title: str
    rows: Mapping[str, Sequence[Panel]]


def _by(labels: Sequence[str]) -> str:
    return ", ".join(labels)


def _legend(labels: Sequence[str]) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in labels)


def rate(metric: Shown, *by: str, where: str = "", unit: str = "cps", title: str = "") -> Panel:
    """How often a second; of a histogram how many it has counted."""
    name = f"{metric.name}_count" if metric.kind is Histogram else metric.name
    matched = f"{HERE},{where}" if where else HERE
    query = Query(f"sum by ({_by(by)}) (rate({name}{{{matched}}}[{WINDOW}]))", _legend(by))
    return Panel(title or f"{metric.name} a second", [query], metric.help, unit)


def quantiles(metric: Shown, *by: str, where: str = "", title: str = "") -> Panel:
    """p50 and p99 of a histogram in seconds."""
    matched = f"{HERE},{where}" if where else HERE
    summed = f"sum by ({_by(['le', *by])}) (rate({metric.name}_bucket{{{matched}}}[{WINDOW}]))"
    queries = [
        Query(f"histogram_quantile({q}, {summed})", f"p{q * 100:g} {_legend(by)}".strip())
        for q in (0.5, 0.99)
    ]
    return Panel(title or metric.name, queries, metric.help, "s")


def gauge(metric: Shown, how: str, *by: str, unit: str = "short", title: str = "") -> Panel:
    """The sum or the most of what processes show."""
    query = Query(f"{how} by ({_by(by)}) ({metric.name}{{{HERE}}})", _legend(by))
    return Panel(title or metric.name, [query], metric.help, unit)


def risen(metric: Shown, *by: str, where: str = "", title: str = "") -> Panel:
    """By how much it has risen in the window; of a gauge that only rises, too."""
    matched = f"{HERE},{where}" if where else HERE
    expr = f"sum by ({_by(by)}) (increase({metric.name}{{{matched}}}[{WINDOW}]))"
    return Panel(title or metric.name, [Query(expr, _legend(by))], metric.help)


def changed(metric: Shown, *by: str, title: str) -> Panel:
    """How often it has changed within half an hour."""
    expr = f"sum by ({_by(by)}) (changes({metric.name}{{{HERE}}}[30m]))"
    return Panel(title, [Query(expr, _legend(by))], metric.help)


def left(metric: Shown, *by: str, title: str) -> Panel:
    """How long it is until the instant that is shown, which may lie behind."""
    expr = f"min by ({_by(by)}) ({metric.name}{{{HERE}}}) - time()"
    return Panel(title, [Query(expr, _legend(by))], metric.help, "s")


def objectives() -> Iterator[Panel]:
    for each in OBJECTIVES:
        by = [label for label in each.by.split(", ") if label != "namespace"]
        query = Query(f"{each.left()} and on (namespace) up{{{HERE}}}", _legend(by))
        told = f"{each.promise}. 100%: nothing of what a month may miss is used up."
        yield Panel(f"{each.name}: left of the month", [query], told, "percentunit")


WRITES = 'method!="GET"'
DASHBOARDS = (
    Dashboard(
        "tandem-people",
        "Tandem: what people notice",
        {
            "What is promised": tuple(objectives()),
            "Writes": (
                rate(
                    m.HTTP_SECONDS, SERVICE, "status_class", where=WRITES, title="Writes a second"
                ),
                quantiles(m.HTTP_SECONDS, SERVICE, where=WRITES, title="Writes: how long"),
                rate(
                    m.HTTP_SECONDS,
                    SERVICE,
                    "route",
                    where='status_class="5xx"',
                    title="Requests that fail, by route",
                ),
            ),
            "Reads and RPCs": (
                quantiles(m.HTTP_SECONDS, SERVICE, where='method="GET"', title="Reads: how long"),
                rate(m.GRPC_SECONDS, "grpc_service", "grpc_code", title="RPCs a second"),
                quantiles(m.GRPC_SECONDS, "grpc_service", title="RPCs: how long"),
            ),
            "Lag and freshness": (
                quantiles(m.VIEW_AGE, "group", title="How old each view is"),
                gauge(m.CONSUMER_LAG, "sum", "group", title="Records behind"),
                gauge(m.CONSUMER_PARTITIONS, "sum", "group", title="Partitions held, of 12"),
                gauge(m.CONSUMER_SILENT, "sum", "group", title="Partitions that do not answer"),
                gauge(m.ACCESS_AGE, "max", SERVICE, unit="s", title="How old access is"),
                gauge(m.ACCESS_TRUSTED, "max", SERVICE, unit="s", title="How old it may be"),
            ),
            "Live streams": (
                gauge(m.SSE_CLIENTS, "sum", SERVICE, title="Live streams over SSE"),
                gauge(m.GRPC_STREAMS, "sum", SERVICE, title="Streaming RPCs"),
                quantiles(m.LIVE_SECONDS, title="From hearing of a change to the stream"),
            ),
        },
    ),
    Dashboard(
        "tandem-inside",
        "Tandem: what happens inside",
        {
            "Events under way": (
                gauge(m.OUTBOX_PENDING, "max", SERVICE, title="Aggregates with events to publish"),
                gauge(
                    m.OUTBOX_OLDEST_SECONDS, "max", SERVICE, unit="s", title="The oldest of them"
                ),
                rate(m.RELAY_PUBLISHED, SERVICE, title="Records published a second"),
                quantiles(m.RELAY_SECONDS, SERVICE, title="Relay rounds: how long"),
            ),
            "Who looked": (
                gauge(m.LOOSE_PENDING, "max", SERVICE, title="Events that wait"),
                gauge(m.LOOSE_OLDEST_SECONDS, "max", SERVICE, unit="s", title="The oldest waits"),
                rate(m.LOOSE_FAILURES, SERVICE, "step", title="Rounds that fail"),
            ),
            "Views": (
                risen(
                    m.PROJECTOR_COUNTS, "group", where='what="records"', title="Records projected"
                ),
                risen(m.PROJECTOR_COUNTS, "group", where='what="parked"', title="Events parked"),
                risen(
                    m.PROJECTOR_COUNTS,
                    "group",
                    "what",
                    where='what=~"fenced|unknown|claims|restarts|aside|failed|unkept"',
                    title="What disturbs projectors",
                ),
            ),
            "Duties": (
                gauge(m.DUTIES_DUE, "max", SERVICE, title="Duties due"),
                gauge(m.DUTIES_OLDEST_SECONDS, "max", SERVICE, unit="s", title="The oldest is due"),
                risen(m.DUTIES, "duty", "outcome", title="What became of tries"),
                gauge(m.IMPORTS_LATE, "max", SERVICE, title="Districts whose roster is late"),
            ),
            "Engines and issuers": (
                rate(m.RELAY_FAILURES, SERVICE, "step", title="Kafka (publish), MongoDB (store)"),
                rate(m.JWKS_FETCHES, SERVICE, "outcome", title="Keys of issuers"),
                rate(m.AUTH_REFUSED, SERVICE, "reason", title="Tokens refused"),
                risen(m.TROUBLES, SERVICE, "what", title="Data of one district in trouble"),
                left(m.CERTIFICATE_END, SERVICE, "setting", title="Certificates end in"),
            ),
            "Processes": (
                rate(m.PROCESS_CPU, *POD, unit="short", title="CPU, in cores"),
                gauge(m.PROCESS_MEMORY, "max", *POD, unit="bytes", title="Memory"),
                changed(m.PROCESS_START, *POD, title="Began anew, in half an hour"),
                gauge(m.PROCESS_FILES, "max", *POD, title="Files and connections open"),
                gauge(m.PROCESS_MOST_FILES, "min", SERVICE, title="Of these there may be"),
            ),
            "Overload": (
                gauge(m.OVERLOAD_RUNNING, "sum", SERVICE, title="Requests that run"),
                gauge(m.OVERLOAD_WAITING, "sum", SERVICE, title="Requests that wait"),
                gauge(m.OVERLOAD_LIMIT, "sum", SERVICE, title="Requests that may run"),
                rate(m.OVERLOAD_REFUSED, SERVICE, "urgency", title="Requests refused"),
                rate(m.RATE_REFUSED, SERVICE, "limit", title="Refused since they come too often"),
            ),
        },
    ),
)


def files() -> dict[str, dict[str, Any]]:
    """File name -> what Grafana reads."""
    return {f"{each.uid}.json": grafana(each) for each in DASHBOARDS}


def grafana(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["tandem"],
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_datasource(), _namespace()]},
        "panels": list(_panels(dashboard)),
    }


def _panels(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    number, y = 0, 0
    for title, panels in dashboard.rows.items():
        number += 1
        place = {"h": 1, "w": 24, "x": 0, "y": y}
        yield {"id": number, "type": "row", "title": title, "gridPos": place, "panels": []}
        y += 1
        for index, panel in enumerate(panels):
            number += 1
            row, column = divmod(index, 24 // WIDTH)
            place = {"h": HEIGHT, "w": WIDTH, "x": column * WIDTH, "y": y + row * HEIGHT}
            yield {"id": number, "gridPos": place, **_panel(panel)}
        y += HEIGHT * -(-len(panels) // (24 // WIDTH))


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.told,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(65 + index), "expr": query.expr, "legendFormat": query.legend}
            for index, query in enumerate(panel.queries)
        ],
    }


def _datasource() -> dict[str, Any]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus"}


def _namespace() -> dict[str, Any]:
    query = 'label_values(up{tandem_part!=""}, namespace)'
    told = {"query": query, "refId": "namespaces"}
    return {"name": "namespace", "type": "query", "datasource": SOURCE, "query": told, "refresh": 2}
