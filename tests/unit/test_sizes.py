"""What a district needs follows from what one act costs."""

from __future__ import annotations

import pytest

from bench.sizes import (
    BUSY,
    COACHED,
    ENGINES,
    HEAD,
    HOURS,
    IMPORTS,
    STREAMS,
    YEAR,
    Deployed,
    Measured,
    lacking,
    measured,
    need,
    table,
)

ACTS = (*YEAR, "import")
API, VIEW = "insights/api", "insights/projector.cards"
# A second of an API's CPU for each act, half of one of a view's; a record of 1,000 bytes each.
FOUND = Measured(
    idle={API: 0.01, VIEW: 0.02, "kafka": 0.1, "mongodb": 0.1},
    acts={act: {API: 1.0, VIEW: 0.5, "kafka": 2.0} for act in ACTS},
    memory={API: 100.0, VIEW: 120.0},
    records=dict.fromkeys(YEAR, 1.0),
    kafka_bytes=dict.fromkeys(YEAR, 1000.0),
    mongodb_bytes=dict.fromkeys(YEAR, 2000.0),
    on_disk=0.5,
    base=10_000.0,
)
EVERY = sum(YEAR.values())


def test_the_busiest_hour_has_its_share_of_a_day() -> None:
    teachers = 6_000  # 10 acts a second: a day of theirs has 3/10 of its acts in an hour
    found = need(FOUND, teachers)
    acts = teachers * EVERY / 180 * 0.3 / 3600
    assert found.events == pytest.approx(acts)
    assert found.cores[API] == pytest.approx(acts)
    assert found.cores[VIEW] == pytest.approx(acts / 2)
    assert found.cores["kafka"] == pytest.approx(acts * 2)
    assert found.busy == pytest.approx(acts * 1.5), "engines are not the services"
    assert found.pods[VIEW] == -(-acts / 2 // BUSY), "no process is given more than that"
    assert not found.pods.keys() & set(ENGINES)


def test_a_year_of_a_teacher_is_the_same_wherever_she_is() -> None:
    small, large = need(FOUND, 1_000), need(FOUND, 50_000)
    assert small.hours == large.hours == pytest.approx((EVERY + IMPORTS) * 1.5 / 3600)
    assert large.mongodb == pytest.approx(50 * small.mongodb)
    assert small.mongodb == pytest.approx(1_000 * (10_000 + EVERY * 2_000) * 0.5 * 3 / 1e9)
    assert large.kafka == pytest.approx(50 * small.kafka)
    assert small.kafka == pytest.approx(1_000 * EVERY * 1_000 / 180 * 35 * 3 / 1e9)


def test_live_caseloads_need_pods_of_their_own() -> None:
    idle = Measured(**{**{n: getattr(FOUND, n) for n in Measured.__slots__}, "acts": NOTHING})
    assert need(idle, STREAMS * COACHED).pods == {API: 1, VIEW: 1}
    assert need(idle, STREAMS * COACHED + 1).pods == {API: 2, VIEW: 1}


NOTHING: dict[str, dict[str, float]] = {act: {} for act in ACTS}


def test_what_is_deployed_is_held_to_it() -> None:
    enough = [Deployed([API], 9, 0.1, 160, 512), Deployed([VIEW], 9, 0.1, 128, 512)]
    assert not list(lacking(FOUND, 10_000, enough))
    few = [Deployed([API, VIEW], 1, 0.1, 160, 170)]
    cores, pods, memory = lacking(FOUND, 10_000, few)
    assert cores.startswith("insights/api, insights/projector.cards: ")
    assert pods.endswith(": 1 pods, not 4")
    assert memory.endswith(": 120 MB, and a limit of 170")


def test_a_row_counts_what_stands_still_for_all_teachers() -> None:
    deployed = [Deployed([API, VIEW], 2, 0.1, 512, 1024)]
    head, _, one = table(FOUND, [(1_000, deployed)]).splitlines()
    assert head == HEAD
    cells = [each.strip() for each in one.strip("|").split("|")]
    assert cells[0] == "1,000"
    assert cells[2:4] == ["2", "0.2"]
    assert cells[5] == "1.0"
    hours = need(FOUND, 1_000).hours + 2 * 0.03 * HOURS / 1_000
    assert cells[9] == f"{hours:.2g}"


def test_what_was_measured_has_every_act_and_process() -> None:
    found = measured()
    assert found.acts.keys() == set(ACTS)
    assert found.records.keys() == found.kafka_bytes.keys() == set(YEAR)
    assert found.mongodb_bytes.keys() == set(YEAR)
    for costs in found.acts.values():
        assert costs.keys() == found.idle.keys() == found.memory.keys()
