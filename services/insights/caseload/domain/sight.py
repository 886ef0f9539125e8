"""What a reader may know of a teacher's card: no more than the services would tell her that own
what is on it.

Goals with what she tries for them, surveys and observations are open to who coaches a teacher, as
far as the teacher shows them to her. Each relationship and session is its two sides', what a coach
has said to a flag hers alone, and an observation that is not shared its observer's and the
teacher's: of others' no id, no instant and no flag reaches a reader.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.insights.caseload.domain.card import NEVER, Card, Observation

# What a relationship calls each kind of work.
_WORK = {"goal": "goals", "observation": "observations", "administration": "surveys"}


def as_seen_by(reader: str, sees: Collection[str], card: Card, *, only_shared: bool) -> Card:
    """The card as the teacher herself or one of her coaches may see it: who `sees` of these kinds
    of work, as `access.profile.ALL_WORK` names them. `only_shared`: for who is not that coach, but
    may read what she reads, such as a partner's program: none of her own observations before they
    are shared, no session, and no step of a process, which follows from sessions."""
    if only_shared:
        shared = tuple(each for each in card.observations if each.shared_at is not None)
        card = replace(card, observations=shared, sessions=(), answers=())
        plan = card.plan and replace(card.plan, steps=())
        card = replace(card, all_contacts_since=NEVER, plan=plan)
    answers = tuple(each for each in card.answers if each.coach == reader)
    if reader == card.teacher:
        return replace(card, answers=answers)
    return replace(
        card,
        answers=answers,
        relationships=tuple(each for each in card.relationships if each.coach == reader),
        goals=card.goals if "goal" in sees else (),
        trials=card.trials if "goal" in sees else (),
        surveys=card.surveys if "administration" in sees else (),
        sessions=tuple(each for each in card.sessions if each.coach == reader),
        observations=tuple(
            each for each in card.observations if "observation" in sees and _open_to(reader, each)
        ),
        not_shared=tuple(word for kind, word in _WORK.items() if kind not in sees),
        all_contacts_since=_all_contacts_since(reader, card),
        in_circle=False,
    )


def _all_contacts_since(reader: str, card: Card) -> datetime | None:
    """From when on a coach is shown every session that was held: after the last of another's, and
    never while another coaches the teacher, too."""
    others = any(each.active and each.coach != reader for each in card.relationships)
    if others or card.all_contacts_since is NEVER:
        return NEVER
    with_a_coach = (each for each in card.sessions if each.held and each.coach)
    met = [each.starts_at for each in with_a_coach if each.coach != reader]
    return max(met, default=None)


def _open_to(reader: str, seen: Observation) -> bool:
    """Where the observer is not known yet, only the teacher sees it before it is shared."""
    return seen.shared_at is not None or seen.observer == reader
