from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support import waiting
from tests.support.waiting import Stopwatch


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, float]:
    """The time, and for how long processes have waited for a CPU."""
    now = {"passed": 100.0}
    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: now["passed"]))
    monkeypatch.setattr(waiting, "PRESSURE", tmp_path / "cpu")
    return now


def waited(seconds: float) -> None:
    waiting.PRESSURE.write_text(
        f"some avg10=0.00 avg60=0.00 avg300=0.00 total={seconds * 1e6:.0f}\n"
        "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n"
    )


@pytest.mark.parametrize(
    ("meanwhile", "seconds"), [(0.0, 8.0), (1.5, 6.5), (7.0, 1.0), (7.5, 0.8), (8.0, 0.8)]
)
def test_time_without_a_cpu_counts_for_a_tenth_at_least(
    now: dict[str, float], meanwhile: float, seconds: float
) -> None:
    waited(3.0)
    watch = Stopwatch()
    now["passed"] += 8.0
    waited(3.0 + meanwhile)
    assert watch.seconds() == pytest.approx(seconds)


def test_where_the_system_does_not_tell_all_time_counts(now: dict[str, float]) -> None:
    watch = Stopwatch()
    now["passed"] += 8.0
    assert watch.seconds() == 8.0
