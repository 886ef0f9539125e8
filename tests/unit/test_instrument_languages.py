"""One instrument in several languages: the same items by the same ids, whole when published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.kernel import Fault, Kind
from services.surveys.instrument.domain import check_says
from services.surveys.instrument.lineage import changes_of
from services.surveys.instrument.outline import (
    Audio,
    InstrumentSays,
    ItemWords,
    ScaleWords,
    Translation,
)
from tests.support.survey_examples import AGREE, COACH, FACES, fork, instrument

SPANISH = Translation(
    "es",
    "Hoy",
    (
        ItemWords("i1", "Soy de aquí.", Audio("https://files.example.org/i1.mp3", "CC0-1.0")),
        ItemWords("i2", "Estoy solo."),
        ItemWords("i3", "Puedo con esto."),
    ),
    (
        ScaleWords("agree", ("Nada", "Poco", "A medias", "Bastante", "Del todo")),
        ScaleWords("faces", ("☹ triste", "😐 regular", "☺ alegre")),
    ),
)
ENGLISH = instrument().says
BOTH = replace(ENGLISH, translations=(SPANISH,))


def refused(act: Callable[[], object]) -> tuple[Kind, str, str]:
    with pytest.raises(Fault) as caught:
        act()
    return caught.value.kind, caught.value.code, caught.value.place


def spanish(**more: Any) -> InstrumentSays:
    return replace(ENGLISH, translations=(replace(SPANISH, **more),))


def test_it_reads_in_each_of_its_languages_and_in_its_own_where_it_has_not_the_one_asked_for() -> (
    None
):
    found = BOTH.worded("es")
    assert (found.title, found.language) == ("Hoy", "es")
    assert [(each.id, each.text) for each in found.items] == [
        (each.id, each.text) for each in SPANISH.items
    ]
    assert found.items[0].audio == SPANISH.items[0].audio
    assert [each.labels for each in found.scales] == [each.labels for each in SPANISH.scales]
    assert [each.values for each in found.scales] == [AGREE.values, FACES.values]
    assert [each.scale_id for each in found.items] == [each.scale_id for each in ENGLISH.items]
    for language in ("", "en", "fr"):
        assert BOTH.worded(language) == BOTH


@pytest.mark.parametrize(
    ("says", "code", "place"),
    [
        (replace(BOTH, language=""), "no_language", "/language"),
        (spanish(language="en"), "repeated_language", "/translations/0/language"),
        (
            replace(ENGLISH, translations=(SPANISH, SPANISH)),
            "repeated_language",
            "/translations/1/language",
        ),
        (
            spanish(items=(SPANISH.items[0], SPANISH.items[0])),
            "repeated_id",
            "/translations/0/items/1/item_id",
        ),
        (
            spanish(items=(ItemWords("x", "?"),)),
            "unknown_item",
            "/translations/0/items/0/item_id",
        ),
        (
            spanish(scales=(ScaleWords("x", ("?",)),)),
            "unknown_scale",
            "/translations/0/scales/0/scale_id",
        ),
        (
            spanish(scales=(ScaleWords("faces", ("a", "b")),)),
            "number_of_labels",
            "/translations/0/scales/0/labels",
        ),
        (
            spanish(scales=(ScaleWords("faces", ("☹", "😐", "☺")),)),
            "no_alt_text",
            "/translations/0/scales/0/labels",
        ),
    ],
)
def test_words_that_fit_no_item_or_scale_are_refused_by_place(
    says: InstrumentSays, code: str, place: str
) -> None:
    assert refused(lambda: check_says(says)) == (Kind.INVALID, code, place)


def test_what_a_translation_lacks_is_told_to_who_publishes_it() -> None:
    draft = fork()
    half = spanish(items=SPANISH.items[:1], scales=SPANISH.scales[:1])
    check_says(half)
    assert half.missing(half.translations[0]) == ("i2", "i3", "faces")
    draft.edit(half, None, COACH)
    draft.take_event()
    assert refused(lambda: draft.publish(COACH))[:2] == (Kind.CONFLICT, "translation_incomplete")
    draft.edit(BOTH, None, COACH)
    draft.take_event()
    draft.publish(COACH)
    assert (draft.fixed, draft.languages) == (True, ("en", "es"))


def test_a_language_more_leaves_it_comparable_and_other_words_in_one_do_not() -> None:
    assert changes_of(ENGLISH, BOTH).comparable
    assert changes_of(BOTH, ENGLISH).comparable
    turned = replace(BOTH.worded("es"), translations=())  # its words are the parent's in Spanish
    assert changes_of(BOTH, turned).comparable
    other = (replace(SPANISH.items[0], text="Soy del grupo."), *SPANISH.items[1:])
    found = changes_of(BOTH, spanish(items=other))
    assert [(each.item_id, each.language) for each in found.reworded] == [("i1", "es")]
    assert (found.comparable, found.unchanged) == (False, ("i2", "i3"))
    labels = (SPANISH.scales[0], replace(SPANISH.scales[1], labels=("a", "b", "c")))
    assert changes_of(BOTH, spanish(scales=labels)).rescaled == ("i3",)


def test_what_has_no_language_in_common_with_its_parent_is_in_other_words() -> None:
    alone = replace(BOTH.worded("es"), translations=())
    found = changes_of(ENGLISH, alone)
    assert [(each.item_id, each.language) for each in found.reworded] == [
        ("i1", ""),
        ("i2", ""),
        ("i3", ""),
    ]
    assert not found.comparable
