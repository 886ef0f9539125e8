"""What callers do with instruments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from services.access.access import Access
from services.access.guarded import About, Guarded, GuardedList
from services.chassis.call import Call
from services.chassis.edge.naming import Names
from services.chassis.fields import Id
from services.chassis.kernel import Clock, invalid, not_found
from services.chassis.write.loading import Found
from services.chassis.write.quota import Bound
from services.chassis.write.settled import SettledAggregates
from services.surveys.instrument.bodies import (
    DraftInstrument,
    EditInstrument,
    ForkInstrument,
    JudgeInstrument,
)
from services.surveys.instrument.domain import (
    MOST_DRAFTS,
    MOST_INSTRUMENTS,
    MOST_OWN_INSTRUMENTS,
    Instrument,
    InstrumentSays,
    InstrumentState,
    ValidationStatus,
)
from services.surveys.instrument.lineage import ForkChanges, changes_of
from services.surveys.instrument.outline import InstrumentOutline, InstrumentSummary

_WITHDRAWN = {"state": InstrumentState.WITHDRAWN.value}


@dataclass(frozen=True, slots=True)
class Ports:
    """`fixed`: published and retired ones, of which what they ask does not change."""

    instruments: Guarded[Instrument]
    summaries: GuardedList[InstrumentSummary]
    fixed: SettledAggregates[Instrument]
    names: Names
    access: Access
    clock: Clock


async def draft_instrument(ports: Ports, call: Call, asked: DraftInstrument) -> Instrument:
    """Draft a practical measure for the district's teachers to use."""
    instrument = _made(ports, call, asked.says())
    bounds = _bounds(instrument.drafted_by)
    return await ports.instruments.create(call, instrument.drafted(), bounds)


async def fork_instrument(ports: Ports, call: Call, asked: ForkInstrument) -> Instrument:
    """Draft an instrument that begins as a copy of a published one, its parent, to be edited.

    Items keep their ids. What was validated is an adaptation that nobody has validated yet."""

    async def make() -> Instrument:
        parent = await ports.fixed.get(call.district, asked.parent_id)
        if parent is None:
            detail = "There is no such published instrument."
            raise invalid("unknown_instrument", detail, "/parent_id")
        says = replace(parent.says, title=asked.title or parent.title, validation_evidence="")
        if parent.validation_status is not ValidationStatus.LOCAL:
            says = replace(says, validation_status=ValidationStatus.ADAPTED_UNVALIDATED)
        fork = _made(ports, call, says)
        fork.parent, fork.parent_series, fork.comparable = parent.id, parent.series, True
        return fork.drafted()

    bounds = _bounds(call.principal.person)
    return await ports.instruments.create_about(call, About(), make, bounds)


def _made(ports: Ports, call: Call, says: InstrumentSays) -> Instrument:
    return Instrument(
        id=ports.instruments.new_id(call),
        district=call.district,
        drafted_by=call.principal.person,
        **{each.name: getattr(says, each.name) for each in fields(says)},
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
    instrument.check_draft(
        call.principal.person, draft and await _in_charge(ports, call, instrument)
    )


async def editing(ports: Ports, call: Call, instrument: InstrumentOutline) -> None:
    draft = instrument.state is InstrumentState.DRAFT
    instrument.check_draft(call.principal.person, draft and await _edits(ports, call, instrument))


async def _edits(ports: Ports, call: Call, instrument: InstrumentOutline) -> bool:
    """A partner's program that the district has given the scope, too: it publishes nothing."""
    return bool(call.principal.partner) or await _in_charge(ports, call, instrument)


async def judging(ports: Ports, call: Call, instrument: InstrumentOutline) -> None:
    draft = instrument.state is InstrumentState.DRAFT
    instrument.check_judge(
        call.principal.person, draft and await _in_charge(ports, call, instrument)
    )


async def retiring(ports: Ports, call: Call, instrument: InstrumentOutline) -> None:
    published = instrument.state is InstrumentState.PUBLISHED
    instrument.check_retire(
        call.principal.person, published and await _in_charge(ports, call, instrument)
    )


async def _in_charge(ports: Ports, call: Call, instrument: InstrumentOutline) -> bool:
    """An administrator, once its author has left."""
    return await ports.access.in_charge_of(call, instrument.drafted_by)


async def edit_instrument(
    ports: Ports, call: Call, instrument_id: Id, asked: EditInstrument
) -> Instrument:
    """Say anew what a draft says, all of it. Needs the version that was seen. Whether a fork is
    comparable with its parent is decided anew, too. Its author may, an administrator once she has
    left, and a partner's program with the scope `instruments.write`, which publishes nothing."""
    says = asked.says()

    async def act(instrument: Instrument) -> None:
        changes = await _changes(ports, instrument, says) if instrument.parent else None
        in_charge = await _edits(ports, call, instrument)
        instrument.edit(says, changes, call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


async def judge_instrument(
    ports: Ports, call: Call, instrument_id: Id, asked: JudgeInstrument
) -> Instrument:
    """Say, in place of the rule, whether a fork's results may be joined with its parent's.

    With the reason, which whoever sees the instrument reads. It holds for the draft as it is, read
    as for publishing: an edit takes it back, and once published it stays."""

    async def act(instrument: Instrument) -> None:
        by, at, in_charge = (
            call.principal.person,
            ports.clock.now(),
            await _in_charge(ports, call, instrument),
        )
        instrument.check_judge(by, in_charge)
        _check_read(call, instrument)
        changes = await _changes(ports, instrument, instrument.says)
        instrument.judge(asked.comparable, asked.reason, changes, by, at, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


async def _changes(ports: Ports, fork: Instrument, says: InstrumentSays) -> ForkChanges:
    """From its parent, which is there for good."""
    parent = await ports.fixed.get(fork.district, fork.parent)
    if parent is None:
        raise not_found()
    return changes_of(parent.says, says)


def _check_read(call: Call, instrument: Instrument) -> None:
    """Others may edit a draft: nobody settles in her name what she has not read."""
    if instrument.version > 1 and call.if_match is None:
        told = "It was edited: If-Match must name the version you saw."
        raise invalid("precondition_required", told)


async def publish_instrument(ports: Ports, call: Call, instrument_id: Id) -> Instrument:
    """Publish a draft: from now on it can be given to classes and never changes. Who brought it
    in may, and an administrator once its author has left. One that was edited since it was drafted,
    by a partner's program for instance, is published by the version that was read (`If-Match`)."""

    async def act(instrument: Instrument) -> None:
        _check_read(call, instrument)
        in_charge = await _in_charge(ports, call, instrument)
        instrument.publish(call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


async def withdraw_instrument(ports: Ports, call: Call, instrument_id: Id) -> Instrument:
    """Take back a draft; who brought it in may, and an administrator once its author has left."""

    async def act(instrument: Instrument) -> None:
        in_charge = await _in_charge(ports, call, instrument)
        instrument.withdraw(call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


async def retire_instrument(ports: Ports, call: Call, instrument_id: Id) -> Instrument:
    """Let no new survey be planned with a published instrument. Those that are planned go on, and
    results stay as they are. Its author may, and an administrator once she has left."""

    async def act(instrument: Instrument) -> None:
        in_charge = await _in_charge(ports, call, instrument)
        instrument.retire(call.principal.person, in_charge)

    return await ports.instruments.change(call, instrument_id, act)


@dataclass(frozen=True, slots=True)
class ComparedFork:
    """A fork, and how it differs from its parent; `changes` is None of what is no fork."""

    instrument: Instrument
    changes: ForkChanges | None

    @property
    def id(self) -> str:
        return self.instrument.id

    @property
    def version(self) -> int:
        return self.instrument.version


async def get_instrument_changes(ports: Ports, call: Call, instrument_id: Id) -> ComparedFork:
    """How a fork differs from its parent, the instrument that it was forked from.

    And whether by that the results of both may be joined; of one that is no fork, nothing."""
    found = await ports.instruments.get(call, instrument_id)
    changes = await _changes(ports, found, found.says) if found.parent else None
    return ComparedFork(found, changes)


async def list_instruments(
    ports: Ports, call: Call, *, taken_back: bool = False, after: str, limit: int
) -> Found[InstrumentSummary]:
    """The district's instruments, drafts too, without scales and the texts of items; withdrawn
    drafts with `taken_back`.

    Ordered by id."""
    page = await ports.summaries.find(call, About(), {}, after, limit)
    return page.where(lambda each: taken_back or each.state is not InstrumentState.WITHDRAWN)
