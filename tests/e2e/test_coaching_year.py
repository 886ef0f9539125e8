"""A year of 24 teachers who coach each other in pairs, on real engines and by public APIs alone:
from a kit to what is left when one of them has gone. At each turn a table says who is shown it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.ctl.demo.district import Shape
from services.ctl.demo.strategies import MEASURES
from services.goals.tree.tree_file import SHIPPED, read_tree
from tests.support.coaching import MEASURE, TOOL, Coaching
from tests.support.coaching_year import ADMIN, ALL_WORK, CoachingYear, begun, each, teachers
from tests.support.pairs_see import BESIDE, BY_PAIR, HIDDEN, SEES, SHARED
from tests.support.policies import private, public, text
from tests.support.stack import RunningStack
from tests.support.truth import untrue
from tests.support.waiting import eventually
from tests.support.who_sees import assert_shown, changed, check_policies, not_asked

DISTRICT, MAKER = "vale", "north"
SHAPE = Shape("Vale", schools=3, teachers=24, coaches=3)
ALL = teachers(1, 24)
PAIRS = list(zip(ALL[::2], ALL[1::2], strict=True))
HER, PARTNER = PAIRS[0]
LEAVING, LEFT = PAIRS[-1]
PEOPLE = {
    "teacher": HER,
    "partner": PARTNER,
    "coach": "coach-02",
    "other_coach": "coach-03",
    "facilitator": "coach-01",
    "lead": "leader-02",
    "principal": "leader-01",
    "admin": ADMIN,
    "officer": "leader-03",
    "colleague": ALL[2],
    "app": "app?goals.read+observations.read+administrations.read+caseloads.read",
}
COACHED = ALL[:4]
LEAD, FACILITATOR, COACH = PEOPLE["lead"], PEOPLE["facilitator"], PEOPLE["coach"]
PROGRAM: Mapping[str, Any] = {
    "name": "Pairs that open their rooms",
    "type": "reciprocal",
    "purpose": "new_pedagogy",
    "focus": "content",
    "modality": "in_person",
    "template": "reciprocal-pair",
    "success_criteria": [{"criterion_id": "talk", "statement": "Students share what may be wrong"}],
}
STRATEGY = {"about": "Before anybody answers", "license": "CC0-1.0", "moves": ["Wait"]}
STATED = {"title": "Say that they share it", "unit": "percent", "direction": "increase"}
# And what she shares with one colleague.
SHOWN = [*(row for row in SEES if row.operation != "get_goal"), *SHARED]
WAY = (("hope", "reasons"), ("comfort", "not-comfortable"), ("safety", "corrected"))


@pytest.fixture
async def vale(stack: RunningStack, tmp_path: Path) -> AsyncIterator[CoachingYear]:
    """Whose cards agree with both oracles when the test is over."""
    yield await begun(stack, DISTRICT, tmp_path, SHAPE)
    await stack.assert_cards_are_true()


async def test_a_year_of_pairs(vale: CoachingYear, stack: RunningStack, tmp_path: Path) -> None:
    check_policies(SEES, PEOPLE, PEOPLE["app"].partition("?")[2].split("+"), HIDDEN)
    assert not_asked(SEES, ("goals", "programs")) == BESIDE
    made = await a_kit_is_installed(vale, Coaching(stack, MAKER), tmp_path)
    vale.ids["tree"] = made["tree-1"]
    await vale.agree_on_policy([*ALL, FACILITATOR, COACH])
    await the_program_begins(vale, made["program-1"])
    await pairs_and_agreements_are_accepted(vale)
    await each(partial(from_the_tree_to_a_goal, vale, made), ALL)
    await each(partial(they_visit_each_other, vale, made["tool-1"]), PAIRS)
    await a_result_surprises(vale, made["instrument-1"])
    await three_trials(vale, made)
    await what_they_write_down(vale)
    await a_community_meeting(vale)
    await everybody_is_shown_what_is_hers_to_see(vale)
    await one_shows_less(vale)
    await one_pair_pauses(vale)
    await one_leaves(vale)
    await eventually(lambda: true(stack), timeout=30)


async def a_kit_is_installed(year: CoachingYear, maker: Coaching, folder: Path) -> dict[str, str]:
    """Of what another district has; part -> its id here."""
    for measure in MEASURES:
        path = f"/goals/v1/measures/{measure}"
        await maker.asks.ask(maker.who(ADMIN), "PUT", path, STATED)
    v1, given = "/goals/v1", []
    for noun, service, says in (
        ("instrument", "surveys/v1/instruments", MEASURE),
        ("tool", "observations/v1/tools", TOOL),
        ("tree", "goals/v1/trees", read_tree(SHIPPED).model_dump(mode="json")),
        *(("strategy", "goals/v1/strategies", {**STRATEGY, "title": title}) for title in "ABC"),
    ):
        made = await maker.post(ADMIN, f"/{service}", says)
        await maker.post(ADMIN, f"/{service}/{made[f'{noun}_id']}/publish")
        given += [f"--{noun}", str(made[f"{noun}_id"])]
    program = await maker.post(ADMIN, "/programs/v1/programs", PROGRAM)
    given += ["--program", str(program["program_id"])]
    key, kit = folder / "maker.key", folder / "kit.json"
    key.write_text(text(private("maker").private_bytes_raw()))
    said = ["--name", "Pairs", "--version", "1", "--license", "CC BY 4.0", "--about", "A year"]
    export = ["program", "kit", "export", str(kit), *said, "--key", str(key), *given]
    await year.tandem(*export, district=MAKER)
    read = await year.tandem("program", "kit", "verify", str(kit), "--key", public("maker"))
    assert [each["part_id"] for each in read["trees"]] == ["tree-1"]
    install = ["program", "kit", "install", str(kit), "--key", public("maker")]
    await year.may(ADMIN, f"{v1}/trees")
    planned = await year.tandem(*install, "--dry-run", district=DISTRICT)
    assert not (await year.get(ADMIN, f"{v1}/trees"))["trees"]
    told = await year.tandem(*install, district=DISTRICT)
    parts = [each["part"] for each in told["parts"]]
    assert parts == [each["part"] for each in planned["parts"]]
    return {each["part"]: each["id"] for each in told["parts"]}


async def the_program_begins(year: CoachingYear, program: str) -> None:
    """Led by whom a grant lets lead; the principal is not that."""
    year.ids |= {"program": program, "her": HER, "coach": COACH}
    schools = [f"school-{number:02d}" for number in range(1, SHAPE.schools + 1)]
    await year.grant(LEAD, "program_lead", org_ids=schools)
    until = str((datetime.now(UTC) + timedelta(days=30)).date())
    officer = PEOPLE["officer"]
    await year.grant(officer, "records_officer", person_ids=[HER], end_date=until)
    path = f"/programs/v1/programs/{program}"
    says = {name: each for name, each in PROGRAM.items() if name != "template"}
    await year.changes(ADMIN, f"{path}/edit", {**says, "lead_ids": [LEAD], "planned_contacts": 12})
    assert (await year.done(LEAD, f"{path}/open"))["state"] == "enrolling"
    await year.enroll(LEAD, program, ALL)
    assert (await year.post(LEAD, f"{path}/begin"))["state"] == "active"
    size = await year.get(FACILITATOR, f"{path}/size")
    assert size["enrolled_count"] == len(ALL)


async def pairs_and_agreements_are_accepted(year: CoachingYear) -> None:
    circles = "/programs/v1/circles"

    async def pair(two: tuple[str, str]) -> None:
        asked = {"kind": "pair", "member_ids": two, "facilitator_id": FACILITATOR}
        made = await year.done(two[0], circles, {**asked, "shows": ALL_WORK})
        year.ids[f"pair of {two[0]}"] = made["circle_id"]
        await year.done(two[1], f"{circles}/{made['circle_id']}/join", {"shows": ALL_WORK})

    await each(pair, PAIRS)
    asked = {"kind": "group", "member_ids": ALL, "facilitator_id": FACILITATOR}
    group = str((await year.done(FACILITATOR, circles, asked))["circle_id"])

    async def join(teacher: str) -> None:
        await year.done(teacher, f"{circles}/{group}/join", {"shows": []})

    await each(join, ALL)

    async def coached(teacher: str) -> None:
        year.ids[f"relationship of {teacher}"] = await year.coached(COACH, teacher, ALL_WORK)

    await each(coached, COACHED)
    year.ids |= {"pair": year.ids[f"pair of {HER}"], "group": group}
    year.ids["tie"] = year.ids[f"relationship of {HER}"]
    for name in ("agreement", "enrollment", "ack"):
        year.ids[name] = year.ids[f"{name} of {HER}"]


async def from_the_tree_to_a_goal(year: CoachingYear, made: dict[str, str], who: str) -> None:
    """What she answers at the second step, a short survey at the end of a lesson says."""
    v1, tree = "/goals/v1", made["tree-1"]
    walk = (await year.done(who, f"{v1}/walks", {"teacher_id": who, "tree_id": tree}))["walk_id"]
    for step, answer in WAY:
        if step == "comfort":
            survey = await year.survey(who, made["instrument-1"], favorable=3, hours=4)
            asked = await year.get(who, f"/surveys/v1/administrations/{survey}")
            baseline = 100 * asked["results"]["favorable_share"]
        said = {"step_id": step, "answer_id": answer, "reason": "They look at me each time"}
        await year.post(who, f"{v1}/walks/{walk}/answers", said)
    chosen = {"step_id": "goal-unfinished", "kind": "measure", "offered_id": "unfinished-thinking"}
    await year.post(who, f"{v1}/walks/{walk}/choices", chosen)
    drafted = {
        "teacher_id": who,
        "statement": "Students share an idea that may be wrong",
        "focus_skill": "discussion",
        "measure_id": "unfinished-thinking",
        "unit": "percent",
        "baseline": baseline,
        "target": 60,
    }
    goal = (await year.post(who, f"{v1}/goals", drafted))["goal_id"]
    await year.post(who, f"{v1}/walks/{walk}/complete", {"goal_id": goal})
    partner = dict(PAIRS + [(two, one) for one, two in PAIRS])[who]
    activate = f"{v1}/goals/{goal}/activate"
    assert await year.status(partner, "POST", activate) == 404
    assert (await year.post(who, activate))["state"] == "active"
    year.ids |= {f"goal of {who}": goal, f"walk of {who}": walk, f"survey of {who}": survey}


async def they_visit_each_other(year: CoachingYear, tool: str, two: tuple[str, str]) -> None:
    for observer, observed in (two, two[::-1]):
        year.ids[f"visit to {observed}"] = await year.visit(observer, observed, tool)

    async def balanced() -> bool:
        (pair,) = (await year.get(two[0], "/insights/v1/pairs"))["pairs"]
        return [seen["count"] for seen in pair["visits"]] == [1, 1] and not pair["imbalanced"]

    await eventually(balanced, timeout=20)


async def a_result_surprises(year: CoachingYear, instrument: str) -> None:
    """Three of four say by now what was to be said by most at the end."""
    goal = f"/goals/v1/goals/{year.ids[f'goal of {HER}']}"
    survey = await year.survey(HER, instrument, favorable=9, hours=2)
    linked = {"kind": "survey", "evidence_id": survey}
    await year.post(HER, f"{goal}/evidence", linked)
    await year.post(HER, f"{goal}/progress", {"value": 75, "note": "Much more than I thought"})
    body = {"target": 85, "reason": "The second survey", "evidence_numbers": [1]}
    stale = await year.asks.ask(
        year.who(HER), "POST", f"{goal}/revise", body, headers={"If-Match": '"1"'}, status=412
    )
    assert stale.json()["code"] == "stale_version"
    revised = await year.changes(HER, f"{goal}/revise", body)
    assert (revised["target"], revised["evidence_count"]) == (85, 1)
    rated = {"importance": 9, "confidence": 6}
    await year.put(HER, f"{goal}/rating", rated)
    for name in ("goal", "walk", "survey"):
        year.ids[name] = year.ids[f"{name} of {HER}"]
    year.ids["visit"] = year.ids[f"visit to {HER}"]


async def three_trials(year: CoachingYear, made: dict[str, str]) -> None:
    """One of each end, and one that is under way; her partner says something to it."""
    for number, outcome in enumerate(("keep", "adapt", "drop", ""), 1):
        strategy = made[f"strategy-{min(number, 3)}"]
        trial = await year.trial(HER, strategy, year.ids["goal"], outcome)
        year.ids[outcome or "open_trial"] = trial
    said = {"text": "I saw it, too"}
    await year.post(PARTNER, f"/goals/v1/trials/{year.ids['keep']}/comments", said)
    share = {
        "goal_id": year.ids["goal"],
        "audience": [{"person_id": PEOPLE["colleague"]}],
        "purpose": "peer_learning",
        "expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    shared = await year.post(HER, "/goals/v1/shares", share)
    year.ids["share"] = shared["goal_share_id"]


async def what_they_write_down(year: CoachingYear) -> None:
    """In the pair's record both at once, and with her coach."""
    record, pair = "/programs/v1/planning-entries", year.ids["pair"]

    async def write(who: str) -> None:
        said = {"circle_id": pair, "kind": "reflect", "text": "Waiting is hard"}
        year.ids["entry"] = (await year.post(who, record, said))["planning_entry_id"]

    await each(write, (HER, PARTNER) * 4)
    asked = f"{record}?circle_id={pair}&order=oldest"
    entries = (await year.get(PARTNER, asked))["planning_entries"]
    assert [each["number"] for each in entries] == list(range(1, 9))
    hashes = [each["hash"] for each in entries]
    assert [each["hash_before"] for each in entries[1:]] == hashes[:-1]
    head = await year.get(FACILITATOR, f"/programs/v1/planning-records/{pair}")
    assert (head["entries"], head["end"]) == (8, f"8:{hashes[-1]}")
    said = {"relationship_id": year.ids["tie"], "kind": "plan", "text": "Longer"}
    year.ids["coach_entry"] = (await year.post(COACH, record, said))["planning_entry_id"]


async def a_community_meeting(year: CoachingYear) -> None:
    """Of three who are in two pairs. One shows what her students said for a few seconds; what she
    took away another tries."""
    colleague, now = PEOPLE["colleague"], datetime.now(UTC)
    says = {"starts_at": now.isoformat(), "minutes": 45, "protocol": "present_and_discuss"}
    asked = {**says, "member_ids": [HER, PARTNER, colleague]}
    meetings, survey = "/programs/v1/community-meetings", year.ids["survey"]
    meeting = (await year.post(FACILITATOR, meetings, asked))["community_meeting_id"]
    for who in (HER, PARTNER, colleague):
        await year.post(who, f"{meetings}/{meeting}/join")
    shows = {
        "administration_id": survey,
        "audience": [{"person_id": colleague}],
        "purpose": "peer_learning",
        "expires_at": (datetime.now(UTC) + timedelta(seconds=5)).isoformat(),
    }
    await year.post(HER, "/surveys/v1/shares", shows)
    shown = f"/surveys/v1/administrations/{survey}"
    assert await year.status(colleague, "GET", shown) == 200

    async def over() -> bool:
        return await year.status(colleague, "GET", shown) == 404

    await eventually(over, timeout=30)
    await year.post(FACILITATOR, f"{meetings}/{meeting}/hold")
    wrote = {"community_meeting_id": meeting, "text": "Ask who disagrees"}
    taken = (await year.post(HER, "/programs/v1/takeaways", wrote))["takeaway_id"]
    tries = {"teacher_id": colleague, "takeaway_id": taken, "words": "Ask who disagrees"}
    trial = await year.post(colleague, "/goals/v1/trials", tries)
    assert trial["takeaway_id"] == taken
    year.ids |= {"meeting": meeting, "takeaway": taken}


async def everybody_is_shown_what_is_hers_to_see(year: CoachingYear) -> None:
    asked = await assert_shown(year, SHOWN, PEOPLE, year.ids)
    assert asked == len(SEES) * len(PEOPLE)
    goals = {who: year.ids[f"goal of {who}"] for who in COACHED[1:]}
    await year.measured("pairs", COACH, goals, times=4)


async def one_shows_less(year: CoachingYear) -> None:
    """Her coach no survey, and no goal to her partner; the agreement stays as it is."""
    surveys = {"get_administration", "list_administrations"}
    goals = BY_PAIR - surveys - {"get_observation", "list_observations", "get_card"}
    path = f"/programs/v1/relationships/{year.ids['tie']}/accept"
    await year.post(HER, path, {"coach_sees": ["goals", "observations"]})
    join = f"/programs/v1/circles/{year.ids['pair']}/join"
    await year.post(HER, join, {"shows": ["observations", "surveys"]})
    rows = changed(SHOWN, {"coach": surveys, "partner": goals})
    await assert_shown(year, rows, PEOPLE, year.ids)
    await year.post(HER, join, {"shows": ALL_WORK})


async def one_pair_pauses(year: CoachingYear) -> None:
    circle = f"/programs/v1/circles/{year.ids['pair']}"
    surveys = {"get_administration", "list_administrations"}
    await year.post(PARTNER, f"{circle}/pause")
    closed = {"partner": BY_PAIR | {"get_own_pairs"}, "teacher": {"get_own_pairs"}}
    rows = changed(SHOWN, {**closed, "coach": surveys})
    await assert_shown(year, rows, PEOPLE, year.ids)
    await year.post(PARTNER, f"{circle}/resume")
    await assert_shown(year, changed(SHOWN, {"coach": surveys}), PEOPLE, year.ids)


async def one_leaves(year: CoachingYear) -> None:
    """She is erased: nobody finds anything of hers, her pair is over for both, and what her partner
    has is hers still."""
    order = f"/privacy/v1/erasures/{LEFT}"
    await year.post(ADMIN, f"{order}/order", {"reason": "She has asked for it."})
    found: dict[str, Any] = {}

    async def done() -> bool:
        async with year.stack.client("privacy", year.who(ADMIN)) as client:
            found.update((await client.get(order)).json())
        return found.get("state") == "done"

    await eventually(done, timeout=150)
    erased = {each["service"]: each["erased"] for each in found["carried_out"]}
    assert erased["goals"] == 2, erased  # the goal, the walk
    goal, visit = year.ids[f"goal of {LEFT}"], year.ids[f"visit to {LEFT}"]
    gone = (
        f"/goals/v1/goals/{goal}",
        f"/observations/v1/observations/{visit}",
        f"/programs/v1/enrollments/{year.ids[f'enrollment of {LEFT}']}",
    )
    for who in (LEAVING, LEFT, FACILITATOR, LEAD):
        for path in gone:
            assert await year.status(who, "GET", path) == 404, (who, path)
    assert not (await year.get(LEAVING, "/insights/v1/pairs"))["pairs"]
    hers = f"/goals/v1/goals/{year.ids[f'goal of {LEAVING}']}"
    assert await year.status(LEAVING, "GET", hers) == 200
    size = await year.get(LEAD, f"/programs/v1/programs/{year.ids['program']}/size")
    assert size["enrolled_count"] == len(ALL) - 1


async def true(stack: RunningStack) -> bool:
    return not await untrue(stack.backings)
