"""Answers about administrations, over REST and gRPC."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.chassis.edge.actions import Acted
from services.chassis.edge.naming import name_of, refers_to
from services.chassis.fields import PageResource, Resource
from services.surveys.administration.domain import Administration
from services.surveys.administration.form import Form
from services.surveys.administration.outline import (
    AdministrationEvent,
    AdministrationOutline,
    AdministrationState,
    Step,
)
from services.surveys.administration.small_n import Results
from services.surveys.instrument.domain import ScaleKind, ValidationStatus


class ItemResultResource(Resource):
    """`n_min` to `n_max` sheets were handed in, whether or not they answered it."""

    item_id: str
    n_min: int
    n_max: int
    favorable_share: float


class ResultsResource(Resource):
    """`suppressed`: fewer than `small_n` answered, or too few one of the items, and there is
    nothing else. Of how many the lot decides: fewer than a third of the sheets always, all but
    three never (of fewer than ten sheets all but one or two). `n_min` to `n_max` sheets were
    handed in. All shares are of the same sheets, without one or two that the lot left out; in
    place of a sheet that lacks an item one is drawn by lot. A share is the nearest of a few
    values, by `n_min`: from 10 sheets 0.25, 0.5, 0.75; from 15 0.15, 0.35, 0.5, 0.65, 0.85;
    from 20 0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85; from 30 every 0.1; from 60 every 0.05; of
    fewer than 10 0.3, 0.7. The outer ones stand for all beyond them."""

    suppressed: bool
    small_n: int
    n_min: int | None
    n_max: int | None
    favorable_share: float | None
    items: list[ItemResultResource]


class StepResource(Resource):
    """`by_id`: null where nobody did it, since an hour had passed."""

    what: AdministrationEvent
    by_id: str | None
    by_name: str | None = name_of("by_id")
    at: datetime


class AdministrationResource(Acted):
    """`expected_n`: response codes handed out. How many have answered is not told before
    it is closed. `reopenable_until`: when its close can be taken back no more. Results and
    `history`, oldest first, are for the teacher and her coach; others find none here."""

    administration_id: str
    instrument_id: str
    instrument_title: str | None = name_of("instrument_id", "instrument")
    teacher_id: str
    teacher_name: str | None = name_of("teacher_id")
    class_id: str
    class_title: str | None = name_of("class_id", "class", "teacher_id")
    goal_id: str | None = refers_to("goal", "teacher_id")
    school_year: int
    state: AdministrationState
    expected_n: int
    baseline: bool
    lesson_date: str | None
    scheduled_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    cancelled_at: datetime | None
    reopenable_until: datetime | None
    series_id: str = Field(
        description="Results of one series may be joined in a trend, others may not"
    )
    validation_status: ValidationStatus | None = Field(
        description="How far the instrument is validated; null where it was not kept yet"
    )
    results: ResultsResource | None
    history: list[StepResource]
    version: int


class OpenedAdministrationResource(Resource):
    """`codes` leave the service here and nowhere else."""

    administration: AdministrationResource
    codes: list[str]


class AdministrationPage(PageResource):
    administrations: list[AdministrationResource]


class FormItemResource(Resource):
    item_id: str
    text: str
    scale_id: str
    audio_address: str | None = Field(
        description="Where the item is read aloud; null where it is not",
        examples=["https://files.example.org/i1-en.mp3"],
    )
    audio_license: str | None = Field(
        description="The license of what is heard; null where nothing is", examples=["CC-BY-4.0"]
    )


class FormScaleResource(Resource):
    scale_id: str
    kind: ScaleKind
    values: list[int]
    labels: list[str]


class FormResource(Resource):
    """What students are asked, and nothing of whose survey it is: neither which answers are
    favorable nor what an item measures."""

    title: str
    items: list[FormItemResource]
    scales: list[FormScaleResource]
    language: str | None
    languages: list[str] = Field(
        description="Those in which it can be had, the instrument's own first; empty where nobody "
        "said",
        examples=[["en", "es"]],
    )
    minutes: int | None


def administration_resource(administration: AdministrationOutline) -> AdministrationResource:
    """One administration; its results once it is closed."""
    results = administration.results
    return AdministrationResource(
        administration_id=administration.id,
        instrument_id=administration.instrument_id,
        teacher_id=administration.teacher,
        class_id=administration.class_id,
        goal_id=administration.goal_id or None,
        school_year=administration.school_year,
        state=administration.state,
        expected_n=administration.seats,
        baseline=administration.baseline,
        lesson_date=administration.lesson_date or None,
        scheduled_at=administration.scheduled_at,
        opened_at=administration.opened_at,
        closed_at=administration.closed_at,
        cancelled_at=administration.cancelled_at,
        reopenable_until=administration.reopenable_until,
        series_id=administration.series,
        validation_status=ValidationStatus(administration.validation_status)
        if administration.validation_status
        else None,
        results=_results(results) if results else None,
        history=[_step(each) for each in administration.history],
        version=administration.version,
    )


def opened_resource(administration: Administration) -> OpenedAdministrationResource:
    return OpenedAdministrationResource(
        administration=administration_resource(administration), codes=list(administration.codes())
    )


def form_resource(form: Form) -> FormResource:
    asked = form.asked
    return FormResource(
        title=asked.title,
        items=[
            FormItemResource(
                item_id=each.id,
                text=each.text,
                scale_id=each.scale_id,
                audio_address=each.audio.address if each.audio else None,
                audio_license=each.audio.license if each.audio else None,
            )
            for each in asked.items
        ],
        scales=[
            FormScaleResource(
                scale_id=each.id,
                kind=each.kind,
                values=list(each.values),
                labels=list(each.labels),
            )
            for each in asked.scales
        ],
        language=asked.language or None,
        languages=list(form.languages),
        minutes=asked.minutes or None,
    )


def _step(step: Step) -> StepResource:
    return StepResource(what=step.what, by_id=step.by or None, at=step.at)


def _results(results: Results) -> ResultsResource:
    return ResultsResource(
        suppressed=results.suppressed,
        small_n=results.small_n,
        n_min=None if results.suppressed else results.n_min,
        n_max=None if results.suppressed else results.n_max,
        favorable_share=None if results.suppressed else results.favorable_share,
        items=[
            ItemResultResource(
                item_id=each.item_id,
                n_min=each.n_min,
                n_max=each.n_max,
                favorable_share=each.favorable_share,
            )
            for each in results.items
        ],
    )
