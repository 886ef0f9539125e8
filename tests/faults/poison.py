"""Records that nobody can read on a real topic: a few flow around, many stop insights, and
after the operator's decision it goes on. What is published here is in no journal, so this
must be a stack's last cell."""

from __future__ import annotations

import json
from collections.abc import Mapping

from services.chassis.log.envelope import Record
from services.chassis.views.mongo_parked import MongoParked
from services.insights.caseload.fold import CARDS, GROUP, insights_projection
from services.insights.timeline.fold import TIMELINE, timeline_projection
from tests.support.faults import Faulty
from tests.support.hostile_records import BROKEN, Break, of_another_district
from tests.support.insight import Insights
from tests.support.kafka import publish_records, whole_log
from tests.support.oracles import live_rows, replay_log
from tests.support.waiting import eventually

TOPIC = "coaching.goals.v1"
RECORDS = 1_000
WHO = "poisoned"  # in the names of the teachers that these records are about
LENIENT = {"PARKING_SHARE": "0.5", "PARKING_MOST": "1000"}


async def poison(f: Faulty, times: int) -> str:
    f.log_is_whole = False
    for turn in range(times):
        few = await _few(f, turn)
        many = await _many(f, turn)
    return f"{times} times: {few} of {RECORDS} flowed around, {many} stopped it, and it went on"


async def _few(f: Faulty, turn: int) -> int:
    """1 %, broken in every way: parked and counted, all the others are shown."""
    parked = await _parked(f)
    every = [each for each, _, _ in BROKEN.values()]
    broken = await _published(f, f"{turn}-few", RECORDS // 100, every)
    await eventually(lambda: _shown(f), timeout=60)
    assert await _parked(f) == parked + broken

    async def counted() -> bool:  # once a second
        told = await f.metric("insights", "tandem_projector_count", group=GROUP, what="parked")
        return told >= broken

    await eventually(counted, timeout=10)
    return broken


async def _many(f: Faulty, turn: int) -> int:
    """5 % of one district flow around, too. 10 % of two: insights ends, and says why; nothing
    more is parked. Told to park them after all it shows the rest; a person gives them up, and
    it runs as it did before."""
    parked = await _parked(f)
    broken = await _published(f, f"{turn}-one", RECORDS // 20, [BROKEN["garbage"][0]])
    await eventually(lambda: _shown(f), timeout=60)
    assert await _parked(f) == parked + broken
    parked += broken
    both = [BROKEN["garbage"][0], of_another_district]
    broken = await _published(f, f"{turn}-many", RECORDS // 10, both)
    child = f.stack._children["insights"]
    assert await f.died("insights", "the limit of what may be parked") == 1
    alarms = [json.loads(line) for line in child.output() if "ParkingLimit" in line]
    told = [(each["event"], each["level"]) for each in alarms]
    assert ("role_ended", "error") in told, child.output()
    assert await _parked(f, "south") < 20  # below the limit, in the batches before it
    await f.stack.kill("insights")
    f.stack.start("insights", **LENIENT)
    await f.stack.ready("insights")
    await eventually(lambda: _shown(f), timeout=60)
    assert await _parked(f) == parked + broken
    listed = json.loads(await f.tandem("parked", "list", "--json", "--service", "insights"))
    assert sum(each["reason"].startswith("undecodable") for each in listed) >= broken
    await f.tandem("parked", "discard", "--all", "--by", "ana@north", "--service", "insights")
    assert await _parked(f) == 0
    assert await f.stack.end("insights") == 0
    f.stack.start("insights")
    await f.stack.ready("insights")
    for name, other in f.stack._children.items():
        assert other.returncode is None, f"{name} ended, too"
    return broken


async def _published(f: Faulty, name: str, broken: int, how: list[Break]) -> int:
    world = Insights()
    for number in range(RECORDS):
        world.progress(f"{WHO}-{name}-{number}", 15)
    records: list[Record] = list(world.log.all(TOPIC))
    for at in f.chance.sample(range(RECORDS), broken):
        records[at] = f.chance.choice(how)(records[at])
    await publish_records(f.stack.stack.kafka, TOPIC, records)
    return broken


async def _shown(f: Faulty) -> bool:
    """Whether the cards and timelines of these teachers equal a replay of the log."""
    views = f.stack._backing("insights").views
    log = await whole_log(f.stack.stack.kafka, [TOPIC])
    for projection, each in ((insights_projection(), CARDS), (timeline_projection(), TIMELINE)):
        rows = views.scan(await views.generation(projection.group), each)
        live, replayed = await live_rows(rows), replay_log(projection, log)[each]
        if _ours(live) != _ours(replayed):
            return False
    return True


def _ours(rows: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name: row for name, row in rows.items() if WHO in name}


async def _parked(f: Faulty, district: str = "") -> int:
    """How many messages of the caseloads' view are parked and not settled yet."""
    own = f.stack._backing("insights").database
    assert own is not None
    found = await MongoParked(own).list(GROUP)
    return len([one for one in found if district in ("", one.district)])
