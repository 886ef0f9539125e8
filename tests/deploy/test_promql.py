"""Alerts ask for metrics that there are, by the labels that they have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
from prometheus_client import Histogram

from services.chassis import metrics
from services.chassis.metrics import Metric
from services.ctl.alerts import ALERTS, Alert, failed_writes

# What Prometheus and the chart's PodMonitor add to each series.
ADDED = {"namespace", "pod", "app_kubernetes_io_component", "tandem_part"}


def series() -> dict[str, set[str]]:
    """Each name that a process may export, with its labels."""
    found: dict[str, set[str]] = {"up": set()}
    for each in vars(metrics).values():
        if isinstance(each, Metric):
            ends = ("_count", "_sum", "_bucket") if each.kind is Histogram else ("",)
            found |= {f"{each.name}{end}": set(each.labels) for end in ends}
    return found


def nodes(expr: str) -> Iterator[Any]:
    seen: list[Any] = []
    promql_parser.walk(promql_parser.parse(expr), pre_visit=seen.append)
    yield from seen


def selectors(expr: str) -> list[Any]:
    return [each for each in nodes(expr) if isinstance(each, promql_parser.VectorSelector)]


def unknown(expr: str) -> list[str]:
    """What an expression asks for that nothing exports."""
    known = series()
    found = []
    for each in selectors(expr):
        labels = {matcher.name for matcher in each.matchers.matchers}
        if each.name not in known:
            found.append(each.name)
        elif wrong := labels - known[each.name] - ADDED:
            found.append(f"{each.name}: {sorted(wrong)}")
    return found


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_it_asks_for_what_is_exported(alert: Alert) -> None:
    assert selectors(alert.expr)
    assert not unknown(alert.expr)


def test_another_name_or_label_would_be_noticed() -> None:
    assert unknown("tandem_outbox_age > 1") == ["tandem_outbox_age"]
    wrong = 'rate(tandem_relay_failures_total{stage="store"}[5m])'
    assert unknown(wrong) == ["tandem_relay_failures_total: ['stage']"]
    with pytest.raises(ValueError, match="parenthesis"):
        list(nodes("sum by (a (b)"))


def test_the_promise_is_used_up_by_what_fails_alone() -> None:
    failed, every = selectors(failed_writes("5m"))
    by_name = {matcher.name: matcher.value for matcher in failed.matchers.matchers}
    assert by_name == {"method": "GET", "status_class": "5xx"}
    assert [matcher.name for matcher in every.matchers.matchers] == ["method"]
