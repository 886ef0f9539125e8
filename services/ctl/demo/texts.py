"""What the demo district's people work on and write down. All invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """A kind of goal. `title` is the measure's, in the district's catalogue; `start` and `way` are
    ranges of whole numbers, in `unit`."""

    statement: str
    focus_skill: str
    measure: str
    title: str
    unit: str
    start: tuple[int, int]
    way: tuple[int, int]
    decrease: bool = False


THEMES = (
    Theme("Students explain their thinking to each other {when}", "student-talk",
          "student-talk-share", "Share of the lesson in which students talk",
          "percent", (15, 40), (15, 35)),
    Theme("I ask questions that have more than one good answer {when}", "questioning",
          "open-question-share", "Questions with more than one good answer",
          "percent", (10, 35), (20, 40)),
    Theme("I wait before taking an answer {when}", "questioning",
          "wait-time", "Wait before an answer is taken",
          "seconds", (1, 2), (2, 4)),
    Theme("Every student hears what to do next with her work {when}", "feedback",
          "students-with-feedback", "Students who were told what to do next",
          "percent", (20, 45), (25, 45)),
    Theme("Less class time is lost to changing activities {when}", "time-on-learning",
          "minutes-lost", "Class time lost to changing activities",
          "minutes", (9, 16), (4, 8), decrease=True),
    Theme("More students volunteer {when}", "participation",
          "students-volunteering", "Students who volunteer",
          "percent", (20, 45), (15, 35)),
    Theme("I find out what students have grasped before I move on {when}",
          "checks-for-understanding", "checks-per-lesson", "Checks for understanding in a lesson",
          "count", (1, 3), (2, 5)),
    Theme("Students try another way when they are stuck {when}", "perseverance",
          "second-tries", "Students who try another way when stuck",
          "percent", (15, 40), (20, 35)),
    Theme("Fewer reminders are needed {when}", "expectations",
          "reminders-per-lesson", "Reminders in a lesson",
          "count", (8, 15), (4, 7), decrease=True),
    Theme("Students say that they belong here {when}", "belonging",
          "favorable-answers", "Students who answer favorably",
          "percent", (40, 60), (10, 25)),
)  # fmt: skip

WHEN = (
    "in number talks", "in partner work", "when we open a lesson", "when we close a lesson",
    "in reading groups", "during science investigations", "in whole-class discussion",
    "when they revise their writing", "in problem solving", "during centers",
    "in the first ten minutes", "when we look at data", "in project work", "after lunch",
)  # fmt: skip

ON = ("", " on Mondays", " on Tuesdays", " on Wednesdays", " on Thursdays", " on Fridays")

STATEMENTS = len(THEMES) * len(WHEN) * len(ON)
_STEP = 367  # shares no factor with STATEMENTS, so neighbors differ and none comes twice


def theme_of(number: int) -> tuple[Theme, str]:
    """A theme and its statement; no two of STATEMENTS consecutive numbers have the same."""
    rest, theme = divmod(number * _STEP % STATEMENTS, len(THEMES))
    on, when = divmod(rest, len(WHEN))
    return THEMES[theme], THEMES[theme].statement.format(when=WHEN[when] + ON[on])


PROGRESS_NOTES = (
    "Counted in one lesson.", "Two classes, same day.", "Easier with the seating changed.",
    "The sentence starters helped.", "A short lesson, so take it with care.",
    "A colleague counted.", "", "", "",
)  # fmt: skip

OBSERVATION_NOTES = (
    "Pairs talked before anyone answered; three students changed their minds aloud.",
    "The purpose stood on the board and came back at the end.",
    "Two tables finished early and had nothing further to do.",
    "A wrong answer was taken up and became the best minutes of the lesson.",
    "Most questions had one answer; the last one had many.",
    "Students knew the routine; no time was lost.",
)
