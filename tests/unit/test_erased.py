"""What `tandem privacy verify-erasure` looks for, held against what is kept of a teacher."""

from __future__ import annotations

from services.assembly.data_schedule import data_schedule
from services.ctl.erased import BEGAN, WHOSE
from services.privacy.erasure.domain import SERVICES

SCHEDULE = data_schedule()


def test_it_looks_for_every_kind_that_an_order_erases() -> None:
    hers = {
        tuple(name.split("/"))
        for name, record in SCHEDULE.records.items()
        if name.split("/")[0] in SERVICES and record.personal
    }
    assert {(service, kind) for service, kinds in BEGAN.items() for kind in kinds} == hers


def test_by_a_person_who_is_stored() -> None:
    for service, kinds in BEGAN.items():
        for kind in kinds:
            stored = SCHEDULE.records[f"{service}/{kind}"].stored
            names = {name for names in stored.values() for name in names}
            assert set(WHOSE.get(kind, ("teacher",))) <= names, kind


def test_by_a_time_that_is_stored() -> None:
    for service, kinds in BEGAN.items():
        for kind, began in kinds.items():
            stored = SCHEDULE.records[f"{service}/{kind}"].stored
            times = {began} if isinstance(began, str) else set(began)
            assert times <= {name for names in stored.values() for name in names}, kind
