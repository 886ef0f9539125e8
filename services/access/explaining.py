"""Why somebody may, or may not: what decides of one person and one teacher, or of one thing that is
about her, in words.

It asks what every request is asked (`Access.admits`), and says beside it what each grant of the
policy found. It shows nothing of what a thing holds, and not with whom it is shared: that is for
its owner. The operator's command and the API of each service ask it alike.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields

from services.access.about import About
from services.access.access import Access
from services.access.agreed import Agreed
from services.access.coaching import counting_years, hindrance, to_be_told
from services.access.decision import Decision
from services.access.peers import peering_of
from services.access.policy import Policies, Policy
from services.access.profile import ALL_WORK, Profile, Tie
from services.chassis.call import Call, Principal

HIDES = "a rule of the thing itself hides it from her"
# What the district and its teachers have agreed on closes, whatever the teacher shows.
NOT_TO_COACHES = "the data-use policy in force does not show work to coaches"
NOT_TO_COLLEAGUES = f"{NOT_TO_COACHES}, nor to who is of a circle with the teacher"
NOT_TO_PARTNERS = "the data-use policy in force does not let partners read this"


class AccessAnswer(enum.StrEnum):
    ALLOWED = "allowed"
    REFUSED = "refused"
    DEPENDS = "depends"  # on the thing: whom it names, or with whom it is shared


@dataclass(frozen=True, slots=True)
class Explained:
    """Of one operation. `rule`: whom its policy lets in, by the names of `Policy`. `relation` and
    `grant` as of a `Decision`, empty where she is not let in; `shown`: the kinds of work that the
    teacher shows her, by the relationship that counts today; `why`: what each grant of the policy
    found, where it found nothing."""

    operation: str
    about: str
    rule: tuple[str, ...]
    relation: str
    grant: str
    shown: tuple[str, ...]
    why: tuple[str, ...]
    depends: bool = False

    @property
    def allowed(self) -> bool:
        return bool(self.relation)

    @property
    def answered(self) -> AccessAnswer:
        if self.allowed:
            return AccessAnswer.ALLOWED
        return AccessAnswer.DEPENDS if self.depends else AccessAnswer.REFUSED


async def explain(
    access: Access,
    policies: Policies,
    district: str,
    who: str,
    whom: str,
    thing: About | None = None,
) -> list[Explained]:
    """Of each of the policies, as of now: what a person may do with what is a teacher's, and what
    names nobody else; or, of a `thing` that is known to be about her, with that. At most 3 database
    commands, and 1 more for a class; where relationships are kept 1 for each policy beside them.
    Raises Fault UNAVAILABLE."""
    known, agreed = await access.profiles(district, {who, whom}), await access.agreed(district)
    about = thing or About(teacher=whom, parties=(whom,))
    tie = await access.tie(district, who, whom) if who != whom else None
    asked = _Asked(access, district, who, whom, known[who], known[whom], thing, agreed, tie)
    shown = tuple(sorted(tie.sees)) if tie else ()
    hidden = about.hidden_from(Principal(district, person=who))
    found: list[Explained] = []
    for operation, policy in policies.items():
        call = Call(operation, Principal(district, person=who))
        whose = (about.teacher, about.parties, about.class_id)
        decision = Decision("") if hidden else await access.admits(call, policy, *whose)
        why: tuple[str, ...] = ()
        if not decision:
            why = (HIDES,) if hidden else tuple(asked.why_not(policy))
        by = (decision.relation, decision.grant, shown if policy.coach else ())
        depends = not hidden and asked.depends(policy)
        found.append(Explained(operation, policy.about, rule_of(policy), *by, why, depends))
    return found


def rule_of(policy: Policy) -> tuple[str, ...]:
    """Whom a policy lets in, by the names that it has for them."""
    flags = (each.name for each in fields(policy) if each.type in ("bool", bool))
    return tuple(each for each in flags if getattr(policy, each))


@dataclass(frozen=True, slots=True)
class _Asked:
    access: Access
    district: str
    who: str
    whom: str
    asking: Profile | None
    teacher: Profile | None
    thing: About | None
    agreed: Agreed
    tie: Tie | None

    def depends(self, policy: Policy) -> bool:
        """Whether it is decided by what is not told, where nothing else lets her in."""
        if self.asking is None or not self.asking.active:
            return False
        return policy.shared_with or (policy.party and self.thing is None)

    def why_not(self, policy: Policy) -> Iterator[str]:
        if self.asking is None or not self.asking.active:
            yield f"{self.who} is not in the roster, or not active"
            return
        if policy.coaching:
            yield f"{self.who} holds no coaching role today, nor a grant to coach"
        if policy.district_admin:
            yield f"{self.who} does not administer the district today"
        if policy.program_lead:
            yield f"{self.who} holds no grant to lead programs today that reaches the teacher"
        if policy.teacher:
            yield f"{self.who} is not the teacher"
        if policy.party:
            named = "that depends on the thing" if self.thing is None else "not her"
            yield f"it lets in whom the thing names: {named}"
        if policy.records_officer:
            yield f"{self.who} was not named today to fetch the records of {self.whom}"
        if policy.shared_with:
            yield "it lets in with whom the thing is shared, which its owner alone is told"
        if policy.coach:
            yield self._why_not_coach(policy.about)
        if policy.peer:
            yield self._why_not_peer(policy.about)
        if policy.partners:
            closed = policy.of_coaching and not self.agreed.partners
            yield NOT_TO_PARTNERS if closed else "it lets in partners' programs, which are nobody"
        if policy == Policy(about=policy.about):
            yield "it lets nobody in"

    def _why_not_peer(self, kind: str) -> str:
        if not self.agreed.coaches:
            return NOT_TO_COLLEAGUES
        day, rules = self.access.today(self.district), self.access.rules(self.district)
        peering = peering_of(self.asking, self.teacher, day, rules)
        if not peering:
            return f"{self.whom} is in no active circle with {self.who}, or {self.who} may lead"
        return f"{self.whom} does not show what is of the kind {kind} in a circle with {self.who}"

    def _why_not_coach(self, kind: str) -> str:
        if kind in ALL_WORK and not self.agreed.coaches:
            return NOT_TO_COACHES
        if self.teacher is None or not self.teacher.active:
            return f"{self.whom} is not in the roster, or not active"
        accepted = [tie for tie in self.teacher.ties if tie.coach == self.who and tie.active]
        if not accepted:
            return f"{self.whom} has accepted no relationship with {self.who}, or it has ended"
        day, rules = self.access.today(self.district), self.access.rules(self.district)
        years = counting_years(day, rules)
        counting = [tie for tie in accepted if tie.school_year in years]
        if not counting:
            theirs, counted = _years(accepted), ", ".join(map(str, sorted(years)))
            return f"their relationship is of {theirs}, and today that of {counted} counts"
        fault = hindrance(self.asking, self.teacher, day, rules)
        if fault is not None:
            return f"{self.who} may not coach {self.whom} today: {fault.detail}"
        tie = max(counting, key=lambda each: each.school_year)
        if self.asking is not None and to_be_told(self.asking, day, rules) and not tie.told:
            return f"{self.whom} has not accepted that {self.who} may also lead or administer"
        if self.tie is None:
            return "their relationship has ended a moment ago, which is not known everywhere yet"
        return f"{self.whom} does not show {self.who} what is of the kind {kind}"


def _years(ties: Collection[Tie]) -> str:
    return ", ".join(str(each) for each in sorted({tie.school_year for tie in ties}))
