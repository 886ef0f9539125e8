"""What an operator does inside a cluster, by the Job of docs/upgrading.md, while people work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.assembly.registry import SERVICES
from tests.support.kube.district import District
from tests.support.kube.engines import Proven
from tests.support.kube.jobs import documented, give_tokens, run
from tests.support.kube.report import Report


@pytest.fixture(autouse=True)
def tokens(district: District) -> None:
    give_tokens(district)


@pytest.fixture
def insights(engines: Proven) -> Iterator[Any]:
    """Its database."""
    with engines.client() as client:
        yield client[SERVICES["insights"].database]


def current(insights: Any) -> int:
    """Which build of the caseloads is read; the first is not named anywhere."""
    named = insights["view_generations"].find_one({"_id": "insights"})
    return int(named.get("current", 0)) if named else 0


def test_a_view_is_built_again_and_the_build_before_is_read_again(
    district: District, insights: Any, report: Report
) -> None:
    before = current(insights)
    job = documented(district, "rebuild", "insights", "views", "rebuild", "--view=insights")
    with district.unnoticed(report, "`tandem views rebuild` as a Job, at work meanwhile"):
        code, said = run(district, job)
    assert code == 0, said
    assert "in use now" in said
    assert current(insights) > before
    back = documented(district, "rollback", "insights", "views", "rollback", "--view=insights")
    job = documented(district, "check-before", "insights", "views", "check", "--view=insights")
    what = "`tandem views rollback` as a Job: the build before is read again, and lacks nothing"
    with district.unnoticed(report, what):
        code, said = run(district, back)
        assert (code, f"build {before} is in use again" in said) == (0, True), said
        code, said = run(district, job)
    assert code == 0, said
    assert current(insights) == before


def test_what_a_view_has_lost_is_found_and_mended(
    district: District, insights: Any, report: Report
) -> None:
    words = ("insights", "views", "check", "--view=insights")
    number = current(insights)
    rows = insights[f"cards_{number}" if number else "cards"]
    with report.row("a row deleted: `tandem views check` finds it, `--mend` mends it, as Jobs"):
        code, said = run(district, documented(district, "check", *words))
        assert (code, "nothing lacks" in said) == (0, True), said
        assert rows.delete_one({}).deleted_count == 1
        code, said = run(district, documented(district, "check-again", *words))
        assert (code, " lacking, 0 mended" in said) == (7, True), said
        code, said = run(district, documented(district, "mend", *words, "--mend"))
        assert code == 0, said
        code, said = run(district, documented(district, "mended", *words))
        assert (code, "nothing lacks" in said) == (0, True), said


def test_a_view_of_another_service_is_checked_as_its_user(
    district: District, report: Report
) -> None:
    words = ("goals", "views", "check", "--view=goals-access")
    with report.row("`tandem views check --view goals-access` as the user of goals"):
        code, said = run(district, documented(district, "check-access", *words))
        assert (code, "nothing lacks" in said) == (0, True), said


@pytest.mark.parametrize("what", ["duties", "parked"])
def test_duties_and_parked_messages_are_listed(
    district: District, what: str, report: Report
) -> None:
    words = (what, "list", "--service=programs", "--json")
    with report.row(f"`tandem {what} list` as a Job"):
        code, said = run(district, documented(district, what, "programs", *words))
        assert (code, json.loads(said)) == (0, []), said
