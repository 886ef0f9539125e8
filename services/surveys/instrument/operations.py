"""What callers may do with instruments: measures are the staff's to share, and whoever drafted
one edits, publishes, withdraws or retires it. Any published one can be forked."""

from __future__ import annotations

from coaching.surveys.v1 import instrument_pb2, instrument_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.surveys.instrument import cases
from services.surveys.instrument.cases import ComparedFork, Ports
from services.surveys.instrument.domain import Instrument
from services.surveys.instrument.resources import (
    InstrumentPage,
    changes_resource,
    instrument_resource,
    instrument_summary,
)

STAFF = Policy(staff=True)
SEEN = Policy(staff=True, partners=True)
AUTHORED = Policy(
    staff=True, partners=True
)  # a measurement expert's program edits what staff draft

INSTRUMENT: Noun[Ports, Instrument] = Noun(
    "/instruments/{instrument_id}",
    lambda ports: ports.instruments,
    instrument_resource,
    names=lambda ports: ports.names,
)
CHANGES: Noun[Ports, ComparedFork] = Noun(
    "/instruments/{instrument_id}/changes", None, changes_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "surveys",
    instrument_pb2.DESCRIPTOR.services_by_name["InstrumentsService"],
    instrument_pb2_grpc.add_InstrumentsServiceServicer_to_server,
    INSTRUMENT.create(cases.draft_instrument, STAFF),
    INSTRUMENT.create(cases.fork_instrument, STAFF, path="/instrument-forks"),
    INSTRUMENT.change(cases.edit_instrument, AUTHORED, "edit", versioned=True, when=cases.editing),
    INSTRUMENT.change(cases.judge_instrument, STAFF, "judge", when=cases.judging),
    INSTRUMENT.change(cases.publish_instrument, STAFF, "publish", when=cases.settling),
    INSTRUMENT.change(
        cases.withdraw_instrument, STAFF, "withdraw", when=cases.settling, late=Late.WINS
    ),
    INSTRUMENT.change(
        cases.retire_instrument, STAFF, "retire", when=cases.retiring, late=Late.WINS
    ),
    CHANGES.get(SEEN, cases.get_instrument_changes),
    INSTRUMENT.get(SEEN),
    INSTRUMENT.find(cases.list_instruments, SEEN, InstrumentPage, instrument_summary),
)
