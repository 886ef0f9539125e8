"""What callers send of requests for coaching."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from services.chassis.fields import Body, Code, Id
from services.programs.request.domain import (
    GRADES,
    LANGUAGE,
    MOST_LANGUAGES,
    MOST_SUBJECTS,
    MOST_WISHES,
    DayPart,
    Teaching,
    Weekday,
    Wishes,
)

_Grade = Annotated[str, StringConstraints(pattern=f"^({'|'.join(GRADES)})$")]
_Subject = Annotated[str, StringConstraints(pattern=r"\S", max_length=60)]
_Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]


class _Wishes(Body):
    option_ids: list[Code] = Field(min_length=1, max_length=MOST_WISHES, examples=[["class-talk"]])
    weekdays: list[Annotated[Weekday, Field(strict=False)]] = Field(
        default=[],
        max_length=len(Weekday),
        description="On which days she would like it; empty: on any",
        examples=[["tuesday", "thursday"]],
    )
    day_parts: list[Annotated[DayPart, Field(strict=False)]] = Field(
        default=[],
        max_length=len(DayPart),
        description="At what time of the day; empty: at any",
        examples=[["after_school"]],
    )
    note: Annotated[str, StringConstraints(max_length=1_000)] = Field(
        default="",
        description="What else she says, for who leads the program; no student's name is in it",
        examples=["I would like to begin with my third period"],
    )

    grades: list[_Grade] = Field(
        default=[],
        max_length=len(GRADES),
        description="For which grades she would like a coach, such as those of her classes in the "
        "roster; empty: whichever",
        examples=[["04"]],
    )
    subjects: list[_Subject] = Field(
        default=[],
        max_length=MOST_SUBJECTS,
        description="For which subjects, in the words of her classes in the roster; empty: any",
        examples=[["Mathematics"]],
    )
    languages: list[_Language] = Field(
        default=[],
        max_length=MOST_LANGUAGES,
        description="In which languages she would like to talk with her coach, as BCP 47 has them, "
        "if she cares to say so",
        examples=[["es", "en"]],
    )

    def wishes(self) -> Wishes:
        return Wishes(
            tuple(dict.fromkeys(self.option_ids)),
            tuple(each for each in Weekday if each in self.weekdays),
            tuple(each for each in DayPart if each in self.day_parts),
            self.note,
            Teaching.said(self.grades, self.subjects, self.languages),
        )


class RequestCoaching(_Wishes):
    coaching_round_id: Id = Field(examples=["5f0c9a4e-0000-4000-8000-000000000081"])


class EditCoachingRequest(_Wishes):
    pass
