"""How much there may be about one teacher in a school year, so that nobody else uses up what is
hers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.write.documents import Scalar
from services.chassis.write.quota import Bound


@dataclass(frozen=True, slots=True)
class FairShare:
    """Of one kind, about one teacher, in a school year: `most` all told, `by_others` than
    herself all together, `by_one` of these, so that no colleague takes what her coach needs; what
    was taken back counts in none. `ever`: by one author, with what was taken back. An index must
    hold `teacher`, `school_year`, the field `author` and `state`, which is `gone` of what was taken
    back. `noun`: plural."""

    noun: str
    code: str
    most: int
    by_others: int
    ever: int
    author: str
    gone: str

    @property
    def by_one(self) -> int:
        """By one other person: two thirds, so that the rest is left to who else plans hers."""
        return -(-2 * self.by_others // 3)

    def bounds(self, teacher: str, school_year: int, author: str) -> Sequence[Bound]:
        """For one more by `author`."""
        hers: dict[str, Scalar] = {"teacher": teacher, "school_year": school_year}
        gone: dict[str, Scalar] = {"state": self.gone}
        whole = f"A teacher has at most {self.most} {self.noun} in a school year."
        ever = (
            f"One person plans at most {self.ever} {self.noun} of a teacher in a school year, with "
            "those that were taken back."
        )
        others = f"Others plan at most {self.by_others} {self.noun} of a teacher in a school year."
        bounds = [
            Bound({**hers, self.author: author}, self.ever, self.code, ever),
            Bound(hers, self.most, self.code, whole, gone),
        ]
        if author == teacher:
            return bounds
        one = (
            f"One other person plans at most {self.by_one} {self.noun} of a teacher in a school "
            "year."
        )
        not_others = {**gone, self.author: teacher}
        return [
            Bound({**hers, self.author: author}, self.by_one, self.code, one, gone),
            Bound(hers, self.by_others, self.code, others, not_others),
            *bounds,
        ]
