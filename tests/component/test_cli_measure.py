"""`tandem measure` on files, and against a service that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.ctl.__main__ import run
from services.ctl.exits import Exit
from services.surveys.instrument.measure_file import SHIPPED, read_measure
from tests.support.fake_services import FakeServices, fake_services

NAMES = [
    "belonging-in-mathematics",
    "early-years-faces",
    "exit-survey",
    "participation-balance",
    "unfinished-thinking-small-group",
    "unfinished-thinking-whole-class",
]
EXIT = SHIPPED["exit-survey"]


@pytest.fixture
def services() -> Iterator[FakeServices]:
    with fake_services() as fake:
        yield fake


def given(services: FakeServices) -> list[str]:
    return ["--district", "lakewood", "--url", services.url, "--token", "t"]


@pytest.mark.parametrize("name", NAMES)
def test_what_ships_is_whole_and_says_where_it_is_from(
    name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = read_measure(SHIPPED[name])
    assert (said.validation_status.value, said.language) == ("local", "en")
    assert {each.license for each in said.items} == {said.license} == {"CC0-1.0"}
    assert all(each.source.startswith("Written for Tandem") for each in said.items)
    assert run(["measure", "shipped", name]) == Exit.OK
    file = tmp_path / "a.yaml"
    file.write_text(capsys.readouterr().out)
    assert read_measure(file) == said


def test_the_two_forms_about_unfinished_thinking_have_no_item_in_common() -> None:
    """Who are asked about is another, so no trend may join them."""
    ids = [
        {each.item_id for each in read_measure(SHIPPED[f"unfinished-thinking-{form}"]).items}
        for form in ("whole-class", "small-group")
    ]
    assert not ids[0] & ids[1]


def test_those_that_ship_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(SHIPPED) == NAMES
    assert run(["measure", "shipped"]) == Exit.OK
    named = capsys.readouterr().out.splitlines()
    assert [each.partition(":")[0] for each in named] == NAMES
    assert run(["measure", "shipped", "none"]) == Exit.NOT_FOUND


def test_a_file_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["measure", "check", str(EXIT)]) == Exit.OK
    about = "learning-summed-up, self-rated-learning"
    told = f"What I learned today: 5 items about {about}, local: checked\n"
    assert capsys.readouterr().out == told
    assert run(["measure", "check", str(EXIT), "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["items"] == 5


@pytest.mark.parametrize(
    ("was", "wrong", "told"),
    [
        ("scale_id: agreement\n    source", "scale_id: none\n    source", "unknown_scale"),
        ("validation_status: local", "validation_status: validated", "no_evidence"),
        ("favorable_from: 4", "favorable_from: 9", "scales.0.favorable_from: favorable_from"),
        ("minutes: 3", "minutes: 900", "minutes: "),
        ("title: ", "name: ", "title"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_nothing_is_sent(
    was: str,
    wrong: str,
    told: str,
    services: FakeServices,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "measure.yaml"
    file.write_text(EXIT.read_text().replace(was, wrong, 1))
    for typed in (["check", str(file)], ["import", str(file), *given(services)]):
        assert run(["measure", *typed]) == Exit.PROBLEMS
        said = capsys.readouterr()
        assert said.out == ""
        assert "measure.yaml:" in said.err
        assert told in said.err
    assert services.asked == []


def made(state: str, **other: Any) -> dict[str, Any]:
    said = read_measure(EXIT).model_dump(mode="json")
    return {**said, "instrument_id": "i-1", "state": state, **other}


@pytest.mark.parametrize(
    ("earlier", "told"),
    [(made("withdrawn"), "withdrawn"), (made("draft", title="Another"), "edited")],
)
def test_what_has_become_of_an_earlier_import_is_told_and_never_published(
    services: FakeServices, capsys: pytest.CaptureFixture[str], earlier: Any, told: str
) -> None:
    services.answers["POST", "/surveys/v1/instruments"] = (201, earlier)
    typed = ["measure", "import", str(EXIT), "--publish", *given(services)]
    assert run(typed) == Exit.PROBLEMS
    said = capsys.readouterr()
    assert said.out == ""
    assert "i-1" in said.err
    assert told in said.err
    assert len(services.asked) == 1


def test_a_file_is_drafted_and_published_where_that_is_asked(
    services: FakeServices, capsys: pytest.CaptureFixture[str]
) -> None:
    services.answers["POST", "/surveys/v1/instruments"] = (201, made("draft"))
    services.answers["POST", "/surveys/v1/instruments/i-1/publish"] = (200, made("published"))
    typed = ["measure", "import", str(EXIT), *given(services)]
    assert run([*typed, "--dry-run"]) == Exit.OK
    assert services.asked == []
    assert run(typed) == Exit.OK
    assert capsys.readouterr().out.endswith("local: imported as i-1, draft\n")
    (sent,) = services.asked
    assert json.loads(sent.body) == read_measure(EXIT).model_dump(mode="json")
    assert run([*typed, "--publish", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["state"] == "published"
    _, again, published = services.asked
    assert again.headers["idempotency-key"] == sent.headers["idempotency-key"]
    assert published.path.endswith("/publish")


def test_what_is_exported_is_read_again_without_what_is_the_districts(
    services: FakeServices, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = read_measure(EXIT)
    more = {"parent_id": "i-0", "series_id": "i-0", "drafted_by_id": "coach-01", "allowed": []}
    found = {**made("published"), **more, **said.model_dump(mode="json")}
    services.answers["GET", "/surveys/v1/instruments/i-1"] = (200, found)
    export = ["measure", "export", "i-1", *given(services)]
    for name, typed in (("a.yaml", export), ("b.json", [*export, "--json"])):
        assert run(typed) == Exit.OK
        file = tmp_path / name
        file.write_text(capsys.readouterr().out)
        assert "coach-01" not in file.read_text()
        assert read_measure(file) == said
    assert run(["measure", "export", "none", *given(services)]) == Exit.NOT_FOUND
