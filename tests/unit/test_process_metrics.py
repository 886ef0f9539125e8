"""What a process tells of itself has the names that alerts and dashboards ask for."""

from __future__ import annotations

import time

from prometheus_client.parser import text_string_to_metric_families

from services.chassis import metrics
from services.chassis.metrics import PROCESS_START, Metric, Metrics


def test_a_process_tells_of_itself_from_its_start() -> None:
    told = {
        sample.name: sample.value
        for family in text_string_to_metric_families(Metrics().exposition().decode())
        for sample in family.samples
    }
    declared = [each.name for each in vars(metrics).values() if isinstance(each, Metric)]
    assert {name for name in declared if name.startswith("process_")} <= told.keys()
    assert 0 < told[PROCESS_START.name] <= time.time()
