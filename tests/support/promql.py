"""PromQL as a parser reads it, beside the metrics that are declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import promql_parser
from prometheus_client import Histogram

from services.chassis import metrics
from services.chassis.metrics import Metric

# What Prometheus and the chart's PodMonitor add to each series.
ADDED = {"namespace", "pod", "app_kubernetes_io_component", "tandem_part"}


def series() -> dict[str, set[str]]:
    """Each name that a process may export, with its labels."""
    found: dict[str, set[str]] = {"up": set()}
    for each in vars(metrics).values():
        if isinstance(each, Metric):
            ends = ("_count", "_sum", "_bucket") if each.kind is Histogram else ("",)
            found |= {f"{each.name}{end}": set(each.labels) for end in ends}
            if each.kind is Histogram:
                found[f"{each.name}_bucket"].add("le")
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
