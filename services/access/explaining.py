"""Why somebody may, or may not: what decides of one person and one teacher, in words.

It asks what every request is asked (`Access.admits`), and says beside it what each grant of the
policy found. It shows nothing of what the thing holds, and is itself no look at anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from services.access.access import Access
from services.access.coaching import counting_years, hindrance, to_be_told
from services.access.policy import Policies, Policy
from services.access.profile import Profile, Tie
from services.chassis.call import Call, Principal


@dataclass(frozen=True, slots=True)
class Explained:
    """Of one operation. `relation` and `grant` as of a `Decision`, empty where she is not let in;
    `why`: what each grant of the policy found, where it found nothing."""

    operation: str
    about: str
    relation: str
    grant: str
    why: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        return bool(self.relation)


async def explain(
    access: Access, policies: Policies, district: str, who: str, whom: str
) -> list[Explained]:
    """Of each of the policies, as of now: what a person may do with what is a teacher's, and what
    names nobody else. At most 2 database commands. Raises Fault UNAVAILABLE."""
    known = await access.profiles(district, {who, whom})
    asked = _Asked(access, district, who, whom, known[who], known[whom])
    found: list[Explained] = []
    for operation, policy in policies.items():
        call = Call(operation, Principal(district, person=who))
        decision = await access.admits(call, policy, whom, parties=(whom,))
        why = () if decision else tuple(asked.why_not(policy))
        found.append(Explained(operation, policy.about, decision.relation, decision.grant, why))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    access: Access
    district: str
    who: str
    whom: str
    asking: Profile | None
    teacher: Profile | None

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
            yield "it lets in whom the thing names: that depends on the thing"
        if policy.shared_with:
            yield "it lets in with whom the thing is shared: that depends on the thing"
        if policy.coach:
            yield self._why_not_coach(policy.about)
        if policy.partners:
            yield "it lets in partners' programs, which are nobody"
        if policy == Policy(about=policy.about):
            yield "it lets nobody in"

    def _why_not_coach(self, kind: str) -> str:
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
        return f"{self.whom} does not show {self.who} what is of the kind {kind}"


def _years(ties: Collection[Tie]) -> str:
    return ", ".join(str(each) for each in sorted({tie.school_year for tie in ties}))
