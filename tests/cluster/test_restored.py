"""All databases and topics of a release are lost, and restored from backups of different minutes,
by the commands of docs/operating.md."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from pymongo import MongoClient

from services.assembly.registry import SERVICES, VIEWS, WRITE_SERVICES
from services.chassis.write.mongo_journal import COLLECTION as JOURNAL
from services.ctl.commands.views import AFTER_RESTORE
from tests.support.kafka import delete_topics
from tests.support.kube.district import District
from tests.support.kube.engines import Proven
from tests.support.kube.jobs import documented, give_tokens, run
from tests.support.kube.report import Report
from tests.support.truth import untrue
from tests.support.waiting import eventually

MINUTES = (("goals",), ("surveys",), ("roster", "privacy", "programs"), ("observations",))
SECONDS = 120
SERVING = "app.kubernetes.io/instance=tandem,tandem.part"

Client = MongoClient[dict[str, Any]]
Backup = Mapping[str, Sequence[dict[str, Any]]]  # collection -> documents


@pytest.fixture
def client(engines: Proven) -> Iterator[Client]:
    """As the one who backs up and restores."""
    with engines.client() as made:
        yield made


def test_backups_of_different_minutes_give_views_that_are_true(
    district: District, engines: Proven, client: Client, report: Report
) -> None:
    backups: dict[str, Backup] = {}
    for services in MINUTES:
        with district.at_work():
            backups |= {service: backup(client, service) for service in services}
    assert backups.keys() == set(WRITE_SERVICES)
    with district.at_work():
        pass  # what they do now is lost
    lost = {each: begun(client, each) - _ids(backups[each]) for each in backups}
    assert any(lost.values())
    with report.row("everything stops: `restoring: stopped`"):
        district.helm("upgrade", "--force-conflicts", restoring="stopped")
        gone = ("--for=delete", "--timeout=2m")
        district.kubectl("wait", "pod", "--selector", SERVING, *gone)
    with report.row("all databases and topics dropped; six databases of four minutes restored"):
        everything_lost(client, engines)
        for service, documents in backups.items():
            restore(client, service, documents)
    with report.row("topics, indexes, APIs and relays: `restoring: building`"):
        district.helm("upgrade", "--force-conflicts", restoring="building")
    with report.row(f"`tandem views rebuild --after-restore` of {len(VIEWS)} views, as Jobs"):
        give_tokens(district)
        for view in AFTER_RESTORE:
            words = ("views", "rebuild", f"--view={view}", "--after-restore")
            code, said = run(district, documented(district, f"build-{view}", VIEWS[view], *words))
            assert code == 0, said
    assert not any(lost[each] & begun(client, each) for each in lost), "it came back"
    with report.row("without `restoring`: callers are let in"):
        district.helm("upgrade")
    with report.row("every view is a fold of the journals, byte for byte"):
        asyncio.run(_true(engines))
    words = ("insights", "views", "check", "--view=insights")
    with district.unnoticed(report, "and its people work again; `tandem views check` meanwhile"):
        code, said = run(district, documented(district, "check-restored", *words))
    assert (code, "nothing lacks" in said) == (0, True), said
    asyncio.run(_true(engines))


def backup(client: Client, service: str) -> Backup:
    """All documents of a service's database at one moment, without its indexes."""
    own = client[SERVICES[service].database]
    names = own.list_collection_names()
    with client.start_session(snapshot=True) as moment:
        found = {name: list(own[name].find({}, session=moment)) for name in names}
    return {name: documents for name, documents in found.items() if documents}


def restore(client: Client, service: str, backup: Backup) -> None:
    for name, documents in backup.items():
        client[SERVICES[service].database][name].insert_many(documents)


def everything_lost(client: Client, engines: Proven) -> None:
    for service in SERVICES.values():
        client.drop_database(service.database)
    asyncio.run(delete_topics(engines.broker.address))


def begun(client: Client, service: str) -> set[str]:
    """The ids of all aggregates that its journal has events of."""
    found = client[SERVICES[service].database][JOURNAL].find({}, {"_id": 1})
    return {each["_id"].rpartition(":")[0] for each in found}


def _ids(backup: Backup) -> set[str]:
    return {str(each["_id"]) for documents in backup.values() for each in documents}


async def _true(engines: Proven) -> None:
    """Soon, since its people have just worked."""
    backings = engines.backings()
    found: list[str] = []

    async def is_true() -> bool:
        found[:] = await untrue(backings)
        return not found

    try:
        await eventually(is_true, SECONDS)
    except AssertionError as error:
        raise AssertionError(f"not true: {found}") from error
    finally:
        for each in backings.values():
            each.database.client.close()
