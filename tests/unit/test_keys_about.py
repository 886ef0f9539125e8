"""An event about several subjects is published once for each of them."""

from __future__ import annotations

from services.chassis.write.states import keys_about


def test_each_subject_and_each_who_has_left_has_a_key_of_her_own() -> None:
    assert keys_about("north", "t-1", "t-2", left=["t-3"]) == (
        "north:t-1",
        "north:t-2",
        "north:t-3",
    )


def test_whoever_is_named_twice_hears_of_it_once() -> None:
    assert keys_about("north", "t-1", "t-1", left=["t-1"]) == ("north:t-1",)


def test_what_is_about_nobody_has_the_key_of_the_aggregate() -> None:
    assert keys_about("north", nobody="class-1") == ("north:class-1",)
