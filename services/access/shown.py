"""What a teacher shows of her work, and to whom."""

from __future__ import annotations

from dataclasses import dataclass

# What a coach may see of a teacher's work, as policies name what they are about.
ALL_WORK = frozenset({"goal", "observation", "administration"})
# What another thing of hers says of these is told to nobody else.
HERS_ALONE = frozenset({"takeaway"})


@dataclass(frozen=True, slots=True)
class Tie:
    """A relationship of a teacher with her coach, for one school year. `active`: accepted and
    not ended. `told`: accepted in the knowledge that the coach may also lead or
    administer. `sees`: of the kinds in ALL_WORK those that the coach may see."""

    coach: str
    school_year: int
    active: bool = True
    told: bool = False
    sees: frozenset[str] = ALL_WORK

    def shows(self, kind: str) -> bool:
        """Whether the coach may see what is of a kind: what is no work, such as a class, she
        may."""
        return kind in self.sees or kind not in ALL_WORK
