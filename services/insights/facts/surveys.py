"""Surveys of the teacher's students: how many answered and how favorably, unless too few.

Results from before there were bands have an `n` alone: a band of that one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coaching.surveys.v1 import administration_events_pb2 as surveys
from services.chassis.views.projection import Event, Fact, Fold
from services.insights.facts.reading import card_fact, full_name, instant


def administration(event: Event) -> Sequence[Fact]:
    message: Any = event.message
    said: surveys.AdministrationSnapshot = message.administration
    shown = said.HasField("results") and not said.results.suppressed
    value = {
        "instrument": said.instrument_id,
        "goal": said.goal_id,
        "cancelled": said.state == surveys.ADMINISTRATION_STATE_CANCELLED,
        "opened_at": instant(said, "opened_at"),
        "closed_at": instant(said, "closed_at"),
        "suppressed": said.HasField("results") and said.results.suppressed,
        "small_n": said.results.small_n,
        "n_min": said.results.n_min or said.results.n if shown else None,
        "n_max": said.results.n_max or said.results.n if shown else None,
        "favorable_share": said.results.favorable_share if shown else None,
    }
    return [card_fact(event, said, "surveys", value)]


FOLDS: dict[str, Fold] = {
    full_name(message): administration
    for message in (
        surveys.AdministrationScheduled,
        surveys.AdministrationOpened,
        surveys.AdministrationSeatsAdded,
        surveys.AdministrationClosed,
        surveys.AdministrationReopened,
        surveys.AdministrationSealed,
        surveys.AdministrationCancelled,
    )
}
