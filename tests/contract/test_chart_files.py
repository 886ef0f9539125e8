"""What the Helm chart is told by the code: a new service, setting, value or alert."""

from __future__ import annotations

import os

from services.ctl import chart


def test_the_chart_is_up_to_date() -> None:
    if os.environ.get("GOLDEN") == "write":
        chart.main([])
    assert chart.main(["--check"]) == 0, "run: python -m services.ctl.chart"
