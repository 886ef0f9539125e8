"""What `tandem demo simulate` says of the time that it was asked for."""

from __future__ import annotations

import time

import pytest

from services.ctl.demo.measuring import Measured, line


def test_what_is_waited_for_at_the_end_is_no_part_of_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    measured = Measured(began=now)
    now += 6
    measured.sent = 120
    assert line(measured.report()).startswith("6 s: 120 sent, 20/s, ")
    measured.end()
    now += 3  # what was under way is sent, and seen
    measured.sent += 9
    assert line(measured.report()).startswith("6 s: 129 sent, 20/s, ")
