"""What callers do with instruments, but for what a method of one does alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from services.access.access import Access
from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Body, Code, Id, Line
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.surveys.instrument.domain import (
    FEWEST_POINTS,
    MOST_DRAFTS,
    MOST_INSTRUMENTS,
    MOST_ITEMS,
    MOST_OWN_INSTRUMENTS,
    MOST_POINTS,
    MOST_SCALES,
    Instrument,
    InstrumentOutline,
    InstrumentState,
    InstrumentSummary,
    Item,
    Scale,
    ScaleKind,
    ValidationStatus,
)

Value = Annotated[int, Field(ge=-1_000, le=1_000)]
LANGUAGE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
MOST_MINUTES = 60
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
ItemText = Annotated[str, StringConstraints(min_length=1, max_length=500)]
_WITHDRAWN = {"state": InstrumentState.WITHDRAWN.value}


@dataclass(frozen=True, slots=True)
class Ports:
    instruments: Guarded[Instrument]
    summaries: GuardedList[InstrumentSummary]
    names: Names
    access: Access


class ScaleBody(Body):
    """Ordinal values, lowest first, with a label each; an emoji's label says in words what
    it shows. Values from `favorable_from` on are favorable."""

    scale_id: Id = Field(examples=["agree"])
    kind: Annotated[ScaleKind, Field(strict=False)]
    values: list[Value] = Field(
        min_length=FEWEST_POINTS, max_length=MOST_POINTS, examples=[[1, 2, 3]]
    )
    labels: list[Label] = Field(
        min_length=FEWEST_POINTS, max_length=MOST_POINTS, examples=[["No", "Partly", "Yes"]]
    )
    favorable_from: Value = Field(examples=[3])


class ItemBody(Body):
    item_id: Id = Field(examples=["i1"])
    text: ItemText = Field(examples=["Today somebody listened to my idea."])
    construct_id: Code = Field(examples=["belonging"])
    source: Line = Field(examples=["Written for this measure"])
    license: Code = Field(examples=["Apache-2.0"])
    scale_id: Id = Field(examples=["agree"])
    reversed: bool = False


class DraftInstrument(Body):
    title: Line = Field(examples=["Today in math"])
    scales: list[ScaleBody] = Field(min_length=1, max_length=MOST_SCALES)
    items: list[ItemBody] = Field(min_length=1, max_length=MOST_ITEMS)
    validation_status: Annotated[ValidationStatus, Field(strict=False)] = ValidationStatus.LOCAL
    license: Code = Field(examples=["Apache-2.0"])
    language: Annotated[str, StringConstraints(pattern=LANGUAGE)] | None = Field(
        default=None, examples=["en"]
    )
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = Field(default=None, examples=[5])


async def draft_instrument(ports: Ports, call: Call, asked: DraftInstrument) -> Instrument:
    """Draft a practical measure for the district's teachers to use."""
    instrument = Instrument(
        id=ports.instruments.new_id(call),
        district=call.district,
        title=asked.title,
        scales=tuple(map(scale_of, asked.scales)),
        items=tuple(map(item_of, asked.items)),
        validation_status=asked.validation_status,
        license=asked.license,
        drafted_by=call.principal.person,
        language=asked.language or "",
        minutes=asked.minutes or 0,
    )
    bounds = _bounds(instrument.drafted_by)
    return await ports.instruments.create(call, instrument.drafted(), bounds)


def scale_of(asked: ScaleBody) -> Scale:
    return Scale(
        id=asked.scale_id,
        kind=asked.kind,
        values=tuple(asked.values),
        labels=tuple(asked.labels),
        favorable_from=asked.favorable_from,
    )


def item_of(asked: ItemBody) -> Item:
    return Item(
        id=asked.item_id,
        text=asked.text,
        construct=asked.construct_id,
        source=asked.source,
        license=asked.license,
        scale_id=asked.scale_id,
        reversed=asked.reversed,
    )


def _bounds(author: str) -> Sequence[Bound]:
    """Her own first: nobody uses up what is there for all."""
    hers, code = {"drafted_by": author}, "too_many_own_instruments"
    own = f"One person has at most {MOST_OWN_INSTRUMENTS} instruments that are not withdrawn."
    drafts = f"One person drafts at most {MOST_DRAFTS} instruments, withdrawn ones included."
    all_of_them = f"A district has at most {MOST_INSTRUMENTS} instruments."
    return (
        Bound(hers, MOST_OWN_INSTRUMENTS, code, own, _WITHDRAWN),
        Bound(hers, MOST_DRAFTS, code, drafts),
        Bound({}, MOST_INSTRUMENTS, "too_many_instruments", all_of_them, _WITHDRAWN),
    )


async def settling(ports: Ports, call: Call, instrument: InstrumentOutline) -> None:
    """Of a draft alone it is asked who is in charge."""
    draft = instrument.state is InstrumentState.DRAFT
    in_charge = draft and await ports.access.in_charge_of(call, instrument.drafted_by)
    instrument.check_draft(call.principal.person, in_charge)


async def publish_instrument(ports: Ports, call: Call, instrument_id: Id) -> Instrument:
    """Publish a draft: from now on it can be given to classes and never changes. Who brought it
    in may, and an administrator once its author has left."""

    async def act(instrument: Instrument) -> None:
        in_charge = await ports.access.in_charge_of(call, instrument.drafted_by)
        instrument.publish(call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


async def withdraw_instrument(ports: Ports, call: Call, instrument_id: Id) -> Instrument:
    """Take back a draft; who brought it in may, and an administrator once its author has left."""

    async def act(instrument: Instrument) -> None:
        in_charge = await ports.access.in_charge_of(call, instrument.drafted_by)
        instrument.withdraw(call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


async def list_instruments(
    ports: Ports, call: Call, *, taken_back: bool = False, after: str, limit: int
) -> Found[InstrumentSummary]:
    """The district's instruments, drafts too, without scales and the texts of items; withdrawn
    drafts with `taken_back`.

    Ordered by id."""
    page = await ports.summaries.find(call, About(), {}, after, limit)
    return page.where(lambda each: taken_back or each.state is not InstrumentState.WITHDRAWN)
