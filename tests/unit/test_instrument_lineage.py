"""A fork says how it differs from its parent, and whether results of both may be joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from services.chassis.kernel import Fault, Kind
from services.surveys.administration.domain import asked_of
from services.surveys.instrument.domain import Instrument, InstrumentState, ValidationStatus
from services.surveys.instrument.lineage import ForkChanges, Reworded, changes_of
from services.surveys.instrument.outline import InstrumentEvent, InstrumentSays
from tests.support.clocks import START
from tests.support.survey_examples import (
    AGREE,
    COACH,
    FACES,
    ITEMS,
    TEACHER,
    fork,
    instrument,
    published_instrument,
)

PARENT = published_instrument().says
FIRST, *REST = ITEMS


def refused(act: Callable[[], object]) -> tuple[Kind, str]:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.kind, caught.value.code


def other(**more: Any) -> InstrumentSays:
    return replace(PARENT, **more)


def first(**more: Any) -> InstrumentSays:
    """With another first item."""
    return other(items=(replace(FIRST, **more), *REST))


def test_what_differs_is_said_item_by_item() -> None:
    new = replace(FIRST, id="new")
    after = other(items=(REST[1], replace(REST[0], text="I am lonely."), new))
    assert changes_of(PARENT, after) == ForkChanges(
        added=("new",),
        dropped=("i1",),
        reworded=(Reworded("i2", "en", REST[0].text, "I am lonely."),),
        rescaled=(),
        reassigned=(),
        unchanged=("i3",),
        reordered=True,
    )


@pytest.mark.parametrize(
    "after",
    [
        other(title="Another", language="es", minutes=9, license="CC-BY-4.0"),
        other(items=tuple(reversed(ITEMS))),
        first(construct="voice"),
        first(source="Another source"),
        other(  # the scale has another name alone
            scales=(replace(AGREE, id="again"), FACES),
            items=tuple(
                replace(each, scale_id="again") if each.scale_id == AGREE.id else each
                for each in ITEMS
            ),
        ),
    ],
)
def test_the_same_items_in_the_same_words_on_the_same_scales_are_comparable(
    after: InstrumentSays,
) -> None:
    found = changes_of(PARENT, after)
    assert found.comparable
    assert set(found.unchanged) == {"i1", "i2", "i3"}


@pytest.mark.parametrize(
    ("after", "unchanged"),
    [
        (other(items=(FIRST,)), {"i1"}),
        (other(items=(*ITEMS, replace(FIRST, id="i4"))), {"i1", "i2", "i3"}),
        (first(text="I belong."), {"i2", "i3"}),
        (first(reversed=True), {"i2", "i3"}),
        (first(scale_id="faces"), {"i2", "i3"}),
        (other(scales=(replace(AGREE, favorable_from=5), FACES)), {"i3"}),
        (other(scales=(replace(AGREE, labels=tuple("abcde")), FACES)), {"i3"}),
        (other(scales=(replace(AGREE, values=(0, 2, 3, 4, 5)), FACES)), {"i3"}),
    ],
)
def test_any_other_makes_a_series_of_its_own_and_says_which_items_stay_the_same(
    after: InstrumentSays, unchanged: set[str]
) -> None:
    found, draft = changes_of(PARENT, after), fork()
    assert (found.comparable, set(found.unchanged)) == (False, unchanged)
    assert (draft.comparable, draft.series) == (True, draft.parent)
    draft.edit(after, found, COACH)
    assert draft.take_event() is InstrumentEvent.EDITED
    assert (draft.comparable, draft.series) == (False, draft.id)


def test_a_fork_of_a_fork_is_of_the_series_that_it_is_comparable_with() -> None:
    child = fork()
    grandchild = replace(child, id="g", parent=child.id, parent_series=child.series)
    assert grandchild.series == published_instrument().id


def reworded() -> Instrument:
    draft, after = fork(), first(text="I belong here!")
    draft.edit(after, changes_of(PARENT, after), COACH)
    draft.take_event()
    return draft


def judge(draft: Instrument, comparable: bool, by: str = COACH) -> None:
    draft.judge(comparable, "A dot", changes_of(PARENT, draft.says), by, START)


def test_a_person_says_otherwise_than_the_rule_with_a_reason_until_it_is_edited() -> None:
    draft = reworded()
    judge(draft, True)
    assert draft.take_event() is InstrumentEvent.JUDGED
    assert draft.judgement is not None
    assert (draft.series, draft.judgement.reason) == (draft.parent, "A dot")
    draft.edit(draft.says, changes_of(PARENT, draft.says), COACH)  # the same again
    assert (draft.take_event(), draft.comparable) == (None, True)
    after = replace(draft.says, title="Another")
    draft.edit(after, changes_of(PARENT, after), COACH)
    draft.take_event()
    judged: object = draft.judgement
    assert (draft.comparable, judged) == (False, None)
    judge(draft, False)
    draft.take_event()
    draft.publish(COACH)
    assert refused(partial(judge, draft, True)) == (Kind.CONFLICT, "not_draft")


def test_who_may_not_change_it_does_not_judge_it_and_only_a_fork_is_judged() -> None:
    assert refused(partial(judge, reworded(), True, TEACHER)) == (Kind.FORBIDDEN, "author_only")
    assert refused(partial(judge, instrument(), True)) == (Kind.CONFLICT, "no_fork")
    strange = fork()
    strange.edit(other(items=(replace(FIRST, id="x"),)), None, COACH)
    strange.take_event()
    assert refused(partial(judge, strange, True)) == (Kind.CONFLICT, "nothing_in_common")
    judge(strange, False)


def test_what_is_published_is_not_edited_and_what_does_not_fit_together_is_refused() -> None:
    assert refused(lambda: published_instrument().edit(PARENT, None, COACH))[1] == "not_draft"
    assert refused(lambda: fork().edit(PARENT, None, TEACHER))[1] == "author_only"
    empty = refused(lambda: fork().edit(other(items=()), None, COACH))
    assert empty == (Kind.INVALID, "number_of_items")


def test_who_says_that_it_is_validated_names_where_that_can_be_read() -> None:
    claimed = other(validation_status=ValidationStatus.VALIDATED)
    assert refused(lambda: fork().edit(claimed, None, COACH)) == (Kind.INVALID, "no_evidence")
    fork().edit(replace(claimed, validation_evidence="A study"), None, COACH)


def test_a_retired_one_is_given_to_no_class_any_more_and_asks_what_it_asked() -> None:
    found = published_instrument()
    found.take_event()
    assert refused(partial(found.retire, TEACHER)) == (Kind.FORBIDDEN, "author_only")
    assert refused(lambda: fork().retire(COACH))[1] == "not_published"
    found.retire(COACH)
    assert found.take_event() is InstrumentEvent.RETIRED
    assert (found.state, found.fixed) == (InstrumentState.RETIRED, True)
    assert refused(lambda: asked_of(found)) == (Kind.INVALID, "instrument_retired")
    assert refused(partial(found.retire, COACH))[1] == "not_published"
