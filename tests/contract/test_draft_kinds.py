"""Whatever somebody types can be kept as a draft: each operation that takes a text stands in the
table of the page for frontends, with its kind of draft, or here with the reason why there is none.
A new one is in neither, and fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from services.assembly.registry import WRITE_SERVICES
from services.chassis.fields import Body, Code, Day, Id, Line, Text
from services.chassis.write.drafts import MOST_CHARACTERS

SENTENCE = 'She asked: "Why, then?"'  # no pattern of an id, a day or a short word lets it through
PAGE = (Path(__file__).parents[2] / "docs/frontends.md").read_text()
_OFFICE = (
    "set by an administrator in one go; nobody's teaching is in it, and the service has no drafts"
)
_ORDER = (
    "why an order is given or stopped: kept with the order alone, so that no second copy about a"
    " person outlives what is erased for her"
)
# operation -> why what is typed there is no draft
NONE: Mapping[str, Mapping[str, str]] = {
    "roster": {
        "add_provisional_person": "a name, and no text",
        "state_calendar": _OFFICE,
        "state_school_calendar": _OFFICE,
        "give_grant": _OFFICE,
        "change_grant": _OFFICE,
        "end_grant": _OFFICE,
        "import_roster": "a file",
        "get_import": "a read",
        "get_import_report": "a read",
    },
    "programs": {
        "carry_over_relationships": "where a list goes on, and no text",
        "offer_coaching": "what her classes are called, to be chosen, and no text",
    },
    "goals": {
        "begin_framework": "a published document's words, taken over from its file",
        "extend_framework": "a published document's words, taken over from its file",
    },
    "surveys": {
        "get_form": "a read",
        "submit_response": "a student's: a draft has an author, and an answer sheet has none",
    },
    "privacy": {
        "draft_statement": "what it makes is a draft itself, which may be withdrawn",
        **dict.fromkeys(
            (
                "order_erasure",
                "hold_erasure",
                "release_erasure",
                "withdraw_erasure",
                "order_artifact_erasure",
            ),
            _ORDER,
        ),
        **dict.fromkeys(
            (
                "register_partner",
                "change_partner",
                "suspend_partner",
                "resume_partner",
                "revoke_partner",
            ),
            _OFFICE,
        ),
    },
}
EVERYWHERE = {"save_draft", "sync"}  # the drafts, and commands that stand here by themselves


def texts_in(kind: Any, at: str = "", marks: tuple[Any, ...] = ()) -> Iterator[tuple[str, int]]:
    """Where within a body a sentence may stand, and how many characters it may have, 0 for any."""
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        yield from texts_in(kind, at, (*marks, *more))
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from texts_in(field.annotation, f"{at}/{name}", tuple(field.metadata))
    elif kind is str:
        patterns = [each.pattern for each in marks if getattr(each, "pattern", None)]
        if all(re.search(each, SENTENCE) for each in patterns):
            yield at, min((most for each in marks if (most := _most(each))), default=0)
    else:
        for part in get_args(kind):
            yield from texts_in(part, at, marks)


def _most(mark: Any) -> int:
    found: int = getattr(mark, "max_length", None) or 0
    return found


def _service(name: str) -> ModuleType:
    return import_module(f"services.{name}.bootstrap")


def typed(service: str) -> Iterator[tuple[str, dict[str, int]]]:
    """Its operations that take texts, with these; what is written out by hand is among them."""
    for table in _service(service).tables().values():
        for each in table.operations:
            found = dict(texts_in(each.asked.parts.get("body")))
            if found and each.name not in EVERYWHERE:
                yield each.name, found
        for name in table.by_hand:
            yield name, {}


def kinds_of(service: str) -> dict[str, str]:
    """By operation, as the page says."""
    rows = re.findall(rf"^\| {service} \| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
    return {name: kind for kind, names in rows for name in re.findall(r"`(\w+)`", names)}


everywhere = pytest.mark.parametrize("service", WRITE_SERVICES)


@everywhere
def test_whatever_is_typed_has_a_kind_of_draft_or_a_reason_why_not(service: str) -> None:
    told = [*kinds_of(service), *NONE.get(service, {})]
    assert len(told) == len({*told})
    assert {name for name, _ in typed(service)} == {*told}


@everywhere
def test_those_kinds_are_what_the_service_keeps(service: str) -> None:
    kept = getattr(_service(service), "DRAFTS", ())
    assert {*kinds_of(service).values()} <= {*kept}


@everywhere
def test_whatever_may_be_sent_fits_in_a_draft(service: str) -> None:
    for name, texts in typed(service):
        if name in kinds_of(service):
            assert all(0 < most <= MOST_CHARACTERS for most in texts.values()), (name, texts)


def test_a_sentence_is_found_wherever_it_may_stand() -> None:
    class Part(Body):
        words: Line | None = None

    class Sent(Body):
        note: Text
        free: Annotated[str, "a mark"]
        code: Code
        day: Day | None
        ids: list[Id]
        parts: list[Part]
        by_name: dict[str, Text]

    found = {("/note", 4_000), ("/free", 0), ("/parts/words", 200)}
    assert {*texts_in(Sent)} == found | {("/by_name", 0), ("/by_name", 4_000)}  # key and value
