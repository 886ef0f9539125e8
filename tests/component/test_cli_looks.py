"""`tandem privacy looks` and `privacy verify` against a service that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from services.privacy.look.resources import look_resource
from tests.support.fake_services import FakeServices, fake_services
from tests.support.looks_suite import chain, told

PATH = "/privacy/v1/looks"
Looks = list[dict[str, Any]]


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def asked(services: FakeServices, what: str, *more: str) -> int:
    given = ["--district", "lakewood", "--url", services.url, "--token", "t"]
    return run(["privacy", what, *given, *more])


def looks(many: int = 5) -> Looks:
    """The newest first, as the service answers them."""
    made = chain(*(told(each, times=each) for each in range(1, many + 1)))
    return [look_resource(each).model_dump(mode="json") for each in reversed(made)]


def answers(
    services: FakeServices, found: Looks, size: int = 2, begins_after: str | None = None
) -> None:
    more = {"left_out": 0, "begins_after": begins_after}
    pages = [found[each : each + size] for each in range(0, len(found), size)] or [[]]
    services.answers["GET", PATH] = [
        (
            200,
            {
                "looks": page,
                "next_page_token": str(number) if page is not pages[-1] else "",
                **more,
            },
        )
        for number, page in enumerate(pages, 1)
    ]


def out(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_whole_list_is_unbroken_and_its_end_is_told(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    found = looks()
    answers(services, found)
    assert asked(services, "verify") == Exit.OK
    assert out(capsys) == [f"5 looks, unbroken, ends in 5:{found[0]['hash']}"]
    assert len(services.asked) == 3


def test_an_empty_list_is_unbroken(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(services, [])
    assert asked(services, "verify") == Exit.OK
    assert out(capsys) == ["0 looks, unbroken, ends in nothing"]


def without(found: Looks, number: int) -> Looks:
    return [each for each in found if each["number"] != number]


def changed(found: Looks, number: int, **more: object) -> Looks:
    return [{**each, **more} if each["number"] == number else each for each in found]


@pytest.mark.parametrize(
    ("spoiled", "wrong"),
    [
        (lambda found: without(found, 3), "number 3 is missing"),
        (lambda found: without(found, 1), "it begins with number 2"),
        (lambda found: changed(found, 4, viewer_id="nobody"), "number 4 does not fit"),
        (lambda found: changed(found, 1, kind="tool"), "number 1 does not fit"),
        (lambda found: changed(found, 2, hash="0" * 64), "number 3 does not fit"),
    ],
)
def test_the_first_that_does_not_fit_is_named(
    services: FakeServices, capsys: pytest.CaptureFixture[str], spoiled: Any, wrong: str
) -> None:
    answers(services, spoiled(looks()))
    assert asked(services, "verify", "--json") == Exit.PROBLEMS
    assert json.loads(capsys.readouterr().out)["wrong"] == wrong


def test_what_was_taken_from_the_end_is_noticed_by_whoever_remembers_it(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    found = looks()
    end = f"5:{found[0]['hash']}"
    for found, code, said in (
        (looks(7), Exit.OK, "7 looks, unbroken"),
        (looks(4), Exit.PROBLEMS, "broken: it ends in 4, and once ended in 5"),
        ([], Exit.PROBLEMS, "broken: it is empty, and once ended in 5"),
    ):
        answers(services, found)
        assert asked(services, "verify", "--since", end) == code
        assert out(capsys)[0].startswith(said)
    answers(services, looks(7))
    assert asked(services, "verify", "--since", f"5:{'0' * 64}") == Exit.PROBLEMS
    assert out(capsys) == ["broken: number 5 is another one than it once was"]
    assert asked(services, "verify", "--since", "5") == Exit.USAGE


def test_a_list_of_which_the_first_have_had_their_time_begins_behind_them(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    found = looks(6)
    gone = f"2:{found[-2]['hash']}"
    answers(services, found[:-2], begins_after=gone)
    assert asked(services, "verify") == Exit.OK
    end = f"6:{found[0]['hash']}"
    assert out(capsys) == [f"4 looks, unbroken, begins after {gone}, ends in {end}"]
    for begins, wrong in (
        (None, "it begins with number 3"),
        (f"1:{found[-1]['hash']}", "it begins with number 3"),
        (f"2:{'0' * 64}", "number 3 does not fit"),
    ):
        answers(services, found[:-2], begins_after=begins)
        assert asked(services, "verify") == Exit.PROBLEMS
        assert out(capsys) == [f"broken: {wrong}"]


def test_an_end_that_has_had_its_time_is_nothing_to_compare_with(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    found = looks(6)
    gone = f"4:{found[2]['hash']}"
    cases: tuple[tuple[Looks, str, Exit, str], ...] = (
        (found[:2], gone, Exit.OK, "2 looks, unbroken"),
        (found[:2], f"4:{'0' * 64}", Exit.PROBLEMS, "broken: number 4 is another one than it once"),
        (found[:2], f"3:{found[3]['hash']}", Exit.PROBLEMS, "broken: number 3 has had its time"),
        ([], gone, Exit.OK, f"0 looks, unbroken, begins after {gone}, ends in {gone}"),
        ([], f"5:{found[1]['hash']}", Exit.PROBLEMS, "broken: it ends in 4, and once ended in 5"),
    )
    for left, since, code, said in cases:
        answers(services, left, begins_after=gone)
        assert asked(services, "verify", "--since", since) == code
        assert out(capsys)[0].startswith(said)


def test_they_are_listed_on_a_line_each(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    said = (
        told(1),
        told(2, times=3, grant="g1", relation="coach"),
        told(3, viewer="", partner="sis", relation="", decision="refused"),
    )
    shown = [look_resource(each).model_dump(mode="json") for each in reversed(chain(*said))]
    answers(services, shown, 200)
    assert asked(services, "looks", "--kind", "goal", "--last", "2026-11-03") == Exit.OK
    assert out(capsys) == [
        "3: 2026-11-03T09:03:00.250000Z the program sis, refused: goal (goals, get_goal)",
        "2: 2026-11-03T09:02:00.250000Z coach-01, coach by the grant g1: goal (goals, get_goal),"
        " 3 times",
        "1: 2026-11-03T09:01:00.250000Z coach-01, coach: goal (goals, get_goal)",
    ]
    (request,) = services.asked
    assert ("kind=goal" in request.path, "to_date=2026-11-03" in request.path) == (True, True)
    answers(services, shown, 2)
    assert asked(services, "looks", "--json") == Exit.OK
    assert json.loads(capsys.readouterr().out) == {
        "district": "lakewood",
        "looks": shown,
        "begins_after": None,
    }
