"""The one place where the goals service is put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from services.access.artifact_erasures import Artifacts, Erasable, artifact_duties
from services.access.guarded import Guarded, GuardedList, GuardedReads
from services.access.names import NamesBeside
from services.access.policy import Policies
from services.access.retention import DUTIES as RETENTION_DUTIES
from services.access.sharing import cases as share
from services.access.sharing.reading import OpenShares
from services.assembly.drafts import cases as draft
from services.assembly.drafts.duties import OF_DRAFTS
from services.assembly.duties import Assigned, assigned, ready
from services.assembly.explanations import cases as explanation
from services.assembly.explanations.cases import Things
from services.assembly.parts import PortParts
from services.assembly.personal_records import cases as personal_record
from services.assembly.personal_records.reading import PERSONAL, PersonalKind, sections_of
from services.assembly.rooms import api_of, policies_of
from services.assembly.service import Given, Service, base, write_service
from services.assembly.sync import ports as sync
from services.chassis.backing import Backing
from services.goals.celebration import cases as celebration
from services.goals.celebration.codec import CELEBRATIONS
from services.goals.celebration.duties import DUTIES as CELEBRATION_DUTIES
from services.goals.celebration.duties import all_celebrations, celebrations_of
from services.goals.check_in import cases as check_in
from services.goals.framework import cases as framework
from services.goals.framework.codec import FRAMEWORK_SUMMARIES, FRAMEWORKS
from services.goals.goal import cases as goal
from services.goals.goal.codec import GOAL_SUMMARIES, GOALS, PROGRESS, RECEIPTS, REPORTS, REVISIONS
from services.goals.goal.duties import DUTIES as GOAL_DUTIES
from services.goals.goal.duties import erasable_goals, kept_goals
from services.goals.indexes import INDEXES as INDEXES
from services.goals.measure import cases as measure
from services.goals.measure.codec import MEASURES
from services.goals.measure.titles import Titles
from services.goals.rooms import celebrations
from services.goals.settings import Settings
from services.goals.share.codec import GOAL_SHARES
from services.goals.share.duties import DUTIES as SHARE_DUTIES
from services.goals.strategy import cases as strategy
from services.goals.strategy.codec import STRATEGIES, STRATEGY_SUMMARIES
from services.goals.strategy.duties import DUTIES as STRATEGY_DUTIES
from services.goals.strategy.duties import erasable_strategies, private_ones
from services.goals.take_out import cases as take_out
from services.goals.tree import cases as tree
from services.goals.tree.codec import TREE_SUMMARIES, TREES
from services.goals.tree.duties import DUTIES as TREE_DUTIES
from services.goals.trial import cases as trial
from services.goals.trial.codec import TRIAL_SUMMARIES, TRIALS
from services.goals.trial.duties import DUTIES as TRIAL_DUTIES
from services.goals.trial.duties import all_trials, erasable_trials, trials_of_goals
from services.goals.walk import cases as walk
from services.goals.walk.codec import WALK_SUMMARIES, WALKS
from services.goals.walk.duties import DUTIES as WALK_DUTIES
from services.goals.walk.duties import all_walks, erasable_walks, walks_of_goals

if TYPE_CHECKING:
    from services.assembly.rooms import Tables

NAME = "goals"
ARTIFACTS = ("goal", "strategy", "trial", "walk")  # of which one may be erased alone
DUTIES: tuple[Assigned[Ports], ...] = (
    assigned(GOAL_DUTIES, lambda _, rooms: rooms.goal),
    assigned(SHARE_DUTIES, lambda _, rooms: rooms.share),
    assigned(STRATEGY_DUTIES, lambda _, rooms: rooms.strategy),
    assigned(TREE_DUTIES, lambda _, rooms: rooms.tree),
    assigned(TRIAL_DUTIES, lambda _, rooms: rooms.trial),
    assigned(WALK_DUTIES, lambda _, rooms: rooms.walk),
    assigned(CELEBRATION_DUTIES, lambda _, rooms: rooms.celebration),
    OF_DRAFTS,
    assigned(RETENTION_DUTIES, lambda start, rooms: kept_goals(rooms.goal, start.path(REPORTS))),
    assigned(artifact_duties(ARTIFACTS), lambda _, rooms: _artifacts(rooms)),
)
TYPED = "goal revision progress measure strategy trial reflection comment tree walk celebration"
DRAFTS = tuple(TYPED.split())  # what is being typed
TAKE_OUT = ("get_take_out", "list_take_out_parts")  # they wait for those of people at work


@dataclass(frozen=True, slots=True)
class Ports:
    """Those of each room."""

    celebration: celebration.Ports
    framework: framework.Ports
    goal: goal.Ports
    measure: measure.Ports
    share: share.Ports
    strategy: strategy.Ports
    trial: trial.Ports
    tree: tree.Ports
    walk: walk.Ports
    draft: draft.Ports
    personal_record: personal_record.Ports
    explanation: explanation.Ports
    take_out: take_out.Ports
    check_in: check_in.Ports

    @property
    def sync(self) -> sync.Ports:
        return sync.Ports(self, self.explanation.reads, self.explanation.access.now)


def ports(parts: PortParts, policies: Policies) -> Ports:
    """What the use cases need, on whatever stores."""
    access, measures = parts.access_for(policies), parts.path(MEASURES)
    guard = GuardedReads(access)
    path, shares = parts.path(GOALS), parts.path(GOAL_SHARES)
    progress, revisions = parts.entries(PROGRESS), parts.entries(REVISIONS)
    strategies, trials = parts.path(STRATEGIES), parts.path(TRIALS)
    frameworks, trees, walks = parts.path(FRAMEWORKS), parts.path(TREES), parts.path(WALKS)
    celebrated = celebrations(parts, access)
    kept = [
        PersonalKind(CELEBRATIONS, celebrated.path, celebration.BY_DATE),
        PersonalKind(
            GOALS, path, goal.BY_DATE, {PROGRESS.kind: progress, REVISIONS.kind: revisions}
        ),
        PersonalKind(GOAL_SHARES, shares, share.BY_DATE),
        PersonalKind(STRATEGIES, strategies, strategy.BY_DATE),
        PersonalKind(TRIALS, trials, trial.BY_DATE),
        PersonalKind(WALKS, walks, walk.BY_DATE),
    ]
    titles = Titles(measures)
    open_shares = OpenShares(shares, parts.clock, met_at=access.met_at)
    of_goals = celebrations_of(celebrated.path, "goal")
    return Ports(
        celebrated,
        framework.Ports(
            frameworks=Guarded(frameworks, access, parts.clock),
            summaries=GuardedList(parts.summaries(FRAMEWORK_SUMMARIES), access),
            clock=parts.clock,
        ),
        goal.Ports(
            goals=Guarded(path, access, parts.clock, open_shares.beside(goal.whose)),
            path=path,
            shares=shares,
            erased_too=(
                all_celebrations(celebrated.path),  # some of them hang on trials
                all_trials(trials),
                all_walks(walks),
                private_ones(strategies),
            ),
            along=(of_goals, trials_of_goals(trials), walks_of_goals(walks)),
            receipts=parts.path(RECEIPTS),
            drafts=parts.drafts,
            summaries=GuardedList(parts.summaries(GOAL_SUMMARIES), access),
            progress=progress,
            revisions=revisions,
            names=NamesBeside(access, measure=titles.title),
            catalogue=titles.title,
            frameworks=frameworks,
            access=access,
            view=parts.directory,
            days=parts.days,
            clock=parts.clock,
        ),
        measure.Ports(
            measures=Guarded(measures, access, parts.clock), titles=titles, clock=parts.clock
        ),
        share.Ports(
            shares=Guarded(shares, access, parts.clock, share.whose),
            path=shares,
            artifacts=path,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            clock=parts.clock,
        ),
        strategy.Ports(
            strategies=Guarded(strategies, access, parts.clock, strategy.seen_strategy),
            summaries=GuardedList(parts.summaries(STRATEGY_SUMMARIES), access),
            path=strategies,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            clock=parts.clock,
        ),
        trial.Ports(
            trials=Guarded(trials, access, parts.clock, trial.whose_trial),
            reflections=Guarded(trials, access, parts.clock, trial.whose_reflection),
            summaries=GuardedList(parts.summaries(TRIAL_SUMMARIES), access),
            path=trials,
            goals=path,
            strategies=strategies,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            days=parts.days,
            school_days=parts.school_days,
            clock=parts.clock,
        ),
        tree.Ports(
            trees=Guarded(trees, access, parts.clock),
            summaries=GuardedList(parts.summaries(TREE_SUMMARIES), access),
            path=trees,
            measures=measures,
            strategies=strategies,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            clock=parts.clock,
        ),
        walk.Ports(
            walks=Guarded(walks, access, parts.clock, walk.whose_walk),
            summaries=GuardedList(parts.summaries(WALK_SUMMARIES), access),
            path=walks,
            trees=trees,
            goals=path,
            names=NamesBeside(access),
            access=access,
            view=parts.directory,
            days=parts.days,
            clock=parts.clock,
        ),
        draft.Ports(parts.drafts, guard, access, parts.clock),
        personal_record.Ports(sections_of(NAME, parts.journal, kept, parts.drafts), guard),
        explanation.Ports(policies, access, guard, {"goal": Things(path, goal.whose)}),
        take_out.Ports(
            goals=path,
            by=goal.BY_DATE,
            progress=progress,
            revisions=revisions,
            guard=guard,
            access=access,
            view=parts.directory,
            sealing=parts.sealing,
            clock=parts.clock,
        ),
        check_in.Ports(path, goal.BY_DATE, trials, trial.BY_DATE, guard, access, parts.clock),
    )


def _artifacts(rooms: Ports) -> Artifacts:
    trials, walks, of_goals = rooms.trial.path, rooms.walk.path, rooms.goal
    of_trials = celebrations_of(rooms.celebration.path, "trial")
    kinds: dict[str, Erasable[Any]] = {
        "goal": erasable_goals(of_goals),
        "strategy": erasable_strategies(rooms.strategy.path),
        "trial": erasable_trials(trials, (of_trials,)),
        "walk": erasable_walks(walks),
    }
    return Artifacts(kinds, of_goals.receipts, of_goals.drafts, of_goals.view, of_goals.clock)


def tables() -> Tables:
    """The operations of each room, by its name in `Ports`. Imported where they are asked for: a
    process without the role `api` does without FastAPI and gRPC."""
    from services.assembly.drafts.operations import drafts_of
    from services.assembly.explanations.operations import explanations_of
    from services.assembly.personal_records.operations import personal_records_of
    from services.assembly.sync.operations import sync_of
    from services.goals.celebration import operations as celebration
    from services.goals.check_in import operations as check_in
    from services.goals.framework import operations as framework
    from services.goals.goal import operations as goal
    from services.goals.measure import operations as measure
    from services.goals.share import operations as share
    from services.goals.strategy import operations as strategy
    from services.goals.take_out import operations as take_out
    from services.goals.tree import operations as tree
    from services.goals.trial import operations as trial
    from services.goals.walk import operations as walk

    made: Tables = {
        "celebration": celebration.OPERATIONS,
        "framework": framework.OPERATIONS,
        "goal": goal.OPERATIONS,
        "measure": measure.OPERATIONS,
        "share": share.OPERATIONS,
        "strategy": strategy.OPERATIONS,
        "trial": trial.OPERATIONS,
        "tree": tree.OPERATIONS,
        "walk": walk.OPERATIONS,
        "draft": drafts_of(NAME, DRAFTS),
        "personal_record": personal_records_of(
            NAME, (PROGRESS.kind, REVISIONS.kind), dict.fromkeys(DRAFTS, "author")
        ),
        "explanation": explanations_of(NAME),
        "take_out": take_out.OPERATIONS,
        "check_in": check_in.OPERATIONS,
    }
    return {**made, sync.SYNC: sync_of(NAME, made)}


def policies() -> Policies:
    return policies_of(tables())


def build(settings: Settings, backing: Backing, **given: Unpack[Given]) -> Service:
    """Raises ValueError where a route or RPC has no policy, and what `base` raises."""
    start = base(NAME, settings, backing, **given)
    api = api_of(start, tables, ports, (PERSONAL, sync.SYNC, *TAKE_OUT))
    return write_service(start, api, ready(DUTIES, start, ports(start, {})))
