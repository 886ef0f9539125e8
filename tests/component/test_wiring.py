"""How services are put together."""

from __future__ import annotations

import pytest

from services.assembly.registry import SERVICES, WITH_DUTIES
from services.assembly.service import LIMITS, SMALL_LOTS
from services.chassis import mongo
from services.chassis.backing import kafka_mongo, memory
from services.chassis.duties.mongo_todos import MongoTodos
from services.chassis.edge.admission import Urgency
from services.chassis.edge.http_strict import StrictRoute
from services.chassis.indexes import MOST
from services.chassis.kernel import Fault
from services.chassis.log.memory_log import MemoryLog
from services.chassis.settings import load
from services.chassis.views.batch import Limits
from services.chassis.views.mongo_views import MongoViews
from services.chassis.write.find_indexes import find_models
from services.chassis.write.mongo_documents import MongoDocuments
from services.chassis.write.mongo_drafts import MongoDrafts
from services.chassis.write.mongo_journal import MongoJournal
from services.chassis.write.mongo_loose import MongoLooseEvents
from services.goals import bootstrap
from services.goals.settings import Settings as GoalsSettings
from services.insights.bootstrap import CARDS_BESIDE_AN_API, IN_TROUBLE, build
from services.insights.caseload.mongo_cards import MongoCards
from services.insights.settings import Settings
from services.insights.ticket.mongo_tickets import MongoTickets
from services.insights.timeline.mongo_timelines import MongoTimelines
from services.privacy.look.mongo_looks import MongoLooks
from services.surveys.administration.mongo_seats import MongoSeats
from tests.support.platform import BOOTSTRAPS, Platform


def test_access_projectors_take_small_bursts_for_they_stand_beside_an_api() -> None:
    bursts = {
        each.projection.group: each.limits.burst
        for service in Platform().services.values()
        for each in service.projectors
        if each.projection.group.endswith("-access")
    }
    assert bursts == {f"{name}-access": SMALL_LOTS.burst for name in BOOTSTRAPS}


def test_the_registry_says_which_services_have_duties() -> None:
    built = Platform().services
    assert {name for name, each in built.items() if each.duties is not None} == {*WITH_DUTIES}
    for name, each in built.items():
        assert {view.projection.group for view in each.projectors} == {*SERVICES[name].views}


URGENCIES = {
    "get_caseload": Urgency.FIRST,
    "get_own_caseload": Urgency.FIRST,
    "watch_caseload": Urgency.FIRST,
    "get_form": Urgency.STRANGER,
    "submit_response": Urgency.STRANGER,
    "import_roster": Urgency.BULK,
    "get_import": Urgency.BULK,
    "get_import_report": Urgency.BULK,
    "list_imports": Urgency.BULK,
    "state_experience": Urgency.BULK,
    "summarize_experience": Urgency.BULK,
    "list_people": Urgency.BULK,
    "list_classes": Urgency.BULK,
    "list_orgs": Urgency.BULK,
    "list_academic_sessions": Urgency.BULK,
    "list_instruments": Urgency.BULK,
    "list_staff": Urgency.BULK,
    "carry_over_relationships": Urgency.BULK,
    "list_tools": Urgency.BULK,
    "list_personal_records": Urgency.BULK,
    "sync": Urgency.BULK,
    "get_take_out": Urgency.BULK,
    "list_take_out_parts": Urgency.BULK,
    "read_journal": Urgency.BULK,
    "follow_events": Urgency.BULK,
}


def test_caseloads_go_before_all_else_and_what_is_bulk_work_waits() -> None:
    """Over both transports, of all services; what is not named is ordinary."""
    rest, grpc = dict[str, Urgency](), dict[str, Urgency]()
    for service in Platform().services.values():
        for route in service.app.routes:
            if isinstance(route, StrictRoute) and route.urgency is not Urgency.ORDINARY:
                rest[route.operation_id or ""] = route.urgency
        grpc.update(service.grpc._edge.gate.urgencies)
        grpc.update(dict.fromkeys(service.grpc._edge.anonymous, Urgency.STRANGER))
    assert grpc == URGENCIES
    assert rest == {name: urgency for name, urgency in URGENCIES.items() if name in rest}
    assert URGENCIES.keys() - rest.keys() == {"read_journal", "follow_events"}


@pytest.mark.parametrize("name", BOOTSTRAPS)
async def test_where_mongodb_is_away_whoever_ensures_indexes_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Of every service: what it adds to those of the house comes after them."""
    monkeypatch.setattr(mongo, "TIMEOUT_MS", 100)
    bootstrap = BOOTSTRAPS[name]
    settings = load(bootstrap.Settings, environment="test", mongodb_uri="mongodb://127.0.0.1:1")
    backing = kafka_mongo(name, settings, SERVICES[name].database, bootstrap.INDEXES)
    try:
        with pytest.raises(Fault, match="outcome_unknown"):
            await bootstrap.build(settings, backing).backing.ensure_indexes()
    finally:
        backing.database.client.close()


@pytest.mark.parametrize("name", [each for each in BOOTSTRAPS if each != "insights"])
def test_a_collection_has_fewer_indexes_than_mongodb_takes(name: str) -> None:
    """What it is found by, beside its id, two of events that wait and one of what was erased."""
    found = find_models(BOOTSTRAPS[name].INDEXES)
    assert len({each.document["name"] for each in found}) == len(found)
    assert len(found) + 4 <= MOST - 2


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("goals", [MongoLooseEvents, MongoDrafts, MongoTodos]),
        ("surveys", [MongoSeats, MongoLooseEvents, MongoDrafts, MongoTodos]),
        ("privacy", [MongoLooseEvents, MongoLooks, MongoTodos]),
        ("insights", [MongoCards, MongoTimelines, MongoTickets, MongoLooseEvents]),
    ],
)
async def test_the_indexes_of_a_services_own_stores_are_ensured_after_those_of_the_house(
    name: str, own: list[type]
) -> None:
    bootstrap = BOOTSTRAPS[name]
    settings = load(bootstrap.Settings, environment="test", mongodb_uri="mongodb://127.0.0.1:1")
    backing = kafka_mongo(name, settings, SERVICES[name].database, bootstrap.INDEXES)
    bootstrap.build(settings, backing)
    house = [MongoDocuments, MongoJournal, MongoViews]
    assert [type(each) for each in backing.indexed] == [*house, *own]
    backing.database.client.close()


@pytest.mark.parametrize(
    ("roles", "limits"),
    [("", CARDS_BESIDE_AN_API), ("api,projector", CARDS_BESIDE_AN_API), ("projector", LIMITS)],
)
async def test_cards_take_large_bursts_only_in_a_process_without_an_api(
    roles: str, limits: Limits
) -> None:
    service = build(load(Settings, environment="test", roles=roles), memory(MemoryLog()))
    cards, *_ = service.projectors
    assert cards.limits.burst == limits.burst


def test_counters_that_alerts_ask_for_are_there_before_anything_has_happened() -> None:
    service = bootstrap.build(
        load(GoalsSettings, environment="test", roles="api,relay"), memory(MemoryLog())
    )
    assert service.api is not None
    shown = service.api.app.state.gate.metrics.exposition().decode()
    for line in (
        'tandem_relay_failures_total{step="publish"} 0.0',
        'tandem_relay_failures_total{step="store"} 0.0',
        'tandem_troubles_total{what="a stored state"} 0.0',
        'tandem_troubles_total{what="an event"} 0.0',
        'tandem_auth_refused_total{reason="exp"} 0.0',
        'tandem_jwks_fetches_total{outcome="failed"} 0.0',
        'tandem_overload_refused_total{urgency="bulk"} 0.0',
    ):
        assert line in shown


def test_what_can_be_in_trouble_in_insights_is_counted_from_the_start() -> None:
    service = build(load(Settings, environment="test"), memory(MemoryLog()))
    assert service.api is not None
    shown = service.api.app.state.gate.metrics.exposition().decode()
    for what in IN_TROUBLE:
        assert f'tandem_troubles_total{{what="{what}"}} 0.0' in shown
