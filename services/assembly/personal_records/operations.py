"""What is held about a person is for herself and, for a records request, for who was given the role
`records_officer` for her by name. No administrator reads it for being one, and no program.

Each service that holds something of people mounts this table: what there is of it, the data
schedule says.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

from services.access.policy import Policy
from services.assembly.data_schedule import data_schedule
from services.assembly.personal_records.cases import Ports, list_personal_records
from services.assembly.personal_records.resources import shown_of
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table

NOTHING: Mapping[str, str] = {}
REQUEST = Policy(party=True, records_officer=True, about="personal_record")


def personal_records_of(
    service: str, entries: Collection[str] = (), more: Mapping[str, str] = NOTHING
) -> Table[Ports, Policy]:
    """The RPC service is the one of its own `personal_record.proto`. Beside the kinds of the data
    schedule there are `entries`, kinds of what has left a record, and `more`: kinds of other
    things, such as drafts, each with the role by which it is hers."""
    return _table(service, frozenset({*entries, *more}), frozenset(more.values()))


@functools.cache
def _table(service: str, beside: frozenset[str], by: frozenset[str]) -> Table[Ports, Policy]:
    """With the kinds `beside` those of the data schedule, hers `by` these roles."""
    kinds, roles = {*beside}, {*by}
    for name, held in data_schedule().records.items():
        of, _, kind = name.partition("/")
        if of == service and held.personal:
            kinds.add(kind)
            roles |= held.personal.keys()
    page, resource = shown_of(kinds, roles)
    messages = import_module(f"coaching.{service}.v1.personal_record_pb2")
    rpcs = import_module(f"coaching.{service}.v1.personal_record_pb2_grpc")
    record: Noun[Ports, Any] = Noun("/personal-records/{personal_record_id}", None, resource)
    return Table(
        service,
        messages.DESCRIPTOR.services_by_name["PersonalRecordsService"],
        rpcs.add_PersonalRecordsServiceServicer_to_server,
        record.find(list_personal_records, REQUEST, page),
    )
