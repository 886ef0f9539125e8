"""Alerts ask for metrics that there are, by the labels that they have."""

from __future__ import annotations

import re

import pytest

from services.ctl.alerts import ALERTS, Alert
from services.ctl.objectives import OBJECTIVES, WRITES, Objective
from tests.support.promql import nodes, selectors, unknown


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


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.name)
def test_an_objective_counts_what_is_missed_among_all(objective: Objective) -> None:
    asked = selectors(objective.share("5m"))
    assert {each.name for each in asked} == {
        f"{objective.metric.name}_{series.partition('{')[0]}"
        for series in (objective.good or objective.bad, objective.every)
    }
    assert bool(objective.good) != bool(objective.bad)
    assert not unknown(objective.left())


def test_the_bound_of_a_histogram_is_one_of_its_buckets() -> None:
    for objective in OBJECTIVES:
        for bound in re.findall(r'le="([^"]*)"', objective.good):
            assert float(bound) in objective.metric.buckets
            assert str(float(bound)) == bound  # as it is exported


def test_writes_that_fail_are_failures_of_ours_alone() -> None:
    failed, *every = selectors(WRITES.share("5m"))
    by_name = {matcher.name: matcher.value for matcher in failed.matchers.matchers}
    assert by_name == {"method": "GET", "status_class": "5xx"}
    assert all([m.name for m in each.matchers.matchers] == ["method"] for each in every)
