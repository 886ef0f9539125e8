"""F3 on a caseload, by the signs of work that goals and trials tell of, in whatever order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

from google.protobuf.message import Message

from coaching.goals.v1 import goal_events_pb2 as goals
from coaching.goals.v1 import trial_events_pb2 as trials
from services.chassis.log.envelope import Record
from services.insights.caseload.fold import insights_projection
from tests.support.goal_cards import all_records
from tests.support.insight import COACH, DISTRICT, YEAR, Insights, small_district
from tests.support.journals import envelope_of
from tests.support.oracles import fold_state, live_rows, replay_log

CARD = f"{DISTRICT}:t1:{YEAR}"
PROJECTION = insights_projection()
DAY = timedelta(days=1)


def goal(activated: datetime, linked: datetime | None = None) -> goals.GoalSnapshot:
    said = goals.GoalSnapshot(
        goal_id="g1",
        teacher_id="t1",
        school_year=YEAR,
        state=goals.GOAL_STATE_ACTIVE,
        evidence_count=0 if linked is None else 1,
    )
    said.activated_at.FromDatetime(activated)
    if linked is not None:
        said.last_evidence_at.FromDatetime(linked)
    return said


def trial(agreed: datetime, tried: datetime | None = None) -> trials.TrialSnapshot:
    said = trials.TrialSnapshot(
        trial_id="step1",
        teacher_id="t1",
        school_year=YEAR,
        goal_id="g1",
        state=trials.TRIAL_STATE_OPEN if tried is None else trials.TRIAL_STATE_TRIED,
    )
    said.agreed_at.FromDatetime(agreed)
    if tried is not None:
        said.tried_at.FromDatetime(tried)
    return said


async def stalled(insights: Insights) -> Any:
    """F3 of her only goal, as her coach is told of it; None where it is not up."""
    async with insights.client(f"{DISTRICT}/{COACH}") as client:
        answer = await client.get("/insights/v1/caseload")
    assert answer.status_code == 200, answer.text
    entry = next(each for each in answer.json()["entries"] if each["teacher_id"] == "t1")
    assert not entry["incomplete"]
    return next((each for each in entry["flags"] if each["code"] == "F3"), None)


async def say(insights: Insights, message: Message, of: str) -> None:
    insights.publish(message, of, "t1")
    await insights.settle()


async def test_it_is_over_by_any_sign_and_back_when_that_is_taken_back_or_long_ago() -> None:
    insights = await small_district()
    begun = insights.clock.now()
    await say(insights, goals.GoalActivated(goal=goal(begun)), "g1")
    await say(insights, trials.TrialAgreed(trial=trial(begun)), "step1")
    insights.clock.forward(days=30)
    first = await stalled(insights)
    assert (first["rule_version"], first["evidence_ids"]) == (2, ["g1"])
    now = insights.clock.now()
    await say(insights, trials.TrialTried(trial=trial(begun, now)), "step1")
    assert await stalled(insights) is None
    await say(insights, trials.TrialSteppedBack(trial=trial(begun)), "step1")
    assert await stalled(insights) == first
    await say(insights, goals.GoalEvidenceLinked(goal=goal(begun, now)), "g1")
    assert await stalled(insights) is None
    await say(insights, goals.GoalEvidenceVoided(goal=goal(begun)), "g1")
    assert await stalled(insights) == first
    await say(insights, trials.TrialTried(trial=trial(begun, now)), "step1")
    insights.clock.forward(days=20)
    assert await stalled(insights) is None
    insights.clock.forward(days=1)  # nothing was written since: of what is kept nothing is read
    back = await stalled(insights)
    assert back["evidence_ids"] == ["g1", "step1"]
    assert back["flag_id"] != first["flag_id"]


async def test_a_card_is_the_same_in_whatever_order_and_however_often_it_is_told() -> None:
    source = await small_district()
    begun = source.clock.now()
    for message, of in (
        (goals.GoalActivated(goal=goal(begun)), "g1"),
        (trials.TrialTried(trial=trial(begun, begun + 30 * DAY)), "step1"),
        (trials.TrialSteppedBack(trial=trial(begun)), "step1"),
        (trials.TrialTried(trial=trial(begun, begun + 32 * DAY)), "step1"),
        (goals.GoalEvidenceLinked(goal=goal(begun, begun + 31 * DAY)), "g1"),
    ):
        source.publish(message, of, "t1")
    told = _of_goals(source)
    entries = [(envelope_of(each, each.event.keys[0]), each.event.data) for each in source.entries]
    expected = fold_state(PROJECTION, entries)["cards"][CARD]
    for number, order in enumerate(permutations(told)):
        if number % 24:
            continue
        insights = await small_district()
        for record in (*order, *order[:2]):
            assert record.key is not None
            insights.log.append(record.topic, record.key, record.value, record.headers)
        await insights.settle()
        generation = await insights.views.generation(PROJECTION.group)
        live = await live_rows(insights.views.scan(generation, "cards"))
        assert live == replay_log(PROJECTION, all_records(insights.log, PROJECTION))["cards"]
        assert live[CARD] == expected
        insights.clock.forward(days=52)
        assert await stalled(insights) is None
        insights.clock.forward(days=1)
        assert (await stalled(insights))["evidence_ids"] == ["g1", "step1"]


def _of_goals(insights: Insights) -> Sequence[Record]:
    (topic,) = (each for each in PROJECTION.topics if "goals" in each)
    return list(insights.log.all(topic))
