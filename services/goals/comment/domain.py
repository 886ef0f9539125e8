"""What is said beside a goal or a trial: comments, whose words their author may take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.corrections import Voidable, check_counts, voided
from services.chassis.kernel import FairPlaces, Fault, Kind, conflict, not_found

MOST_COMMENTS = 90  # on one thing, with those that were voided
COMMENTS = FairPlaces(MOST_COMMENTS, by_others=60, by_one=30)
LONGEST_COMMENT = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Comment(Voidable):
    """What somebody said of it. One that was voided no longer counts, and its text is empty; its
    number is its place among all, from 1."""

    text: str
    by: str
    at: datetime


def one_more(
    comments: Sequence[Comment], owner: str, text: str, by: str, at: datetime
) -> tuple[Comment, ...]:
    """`owner`: whose the thing is that they are on. Raises LIMITED `too_many_comments`."""
    if not COMMENTS.is_left(by, owner, (each.by for each in comments)):
        raise Fault(Kind.LIMITED, "too_many_comments", "Meet, and talk about it.")
    return (*comments, Comment(text, by, at))


def made_by(comments: Sequence[Comment], number: int) -> str:
    """Whose one is, by the record under which she made it. Raises NOT_FOUND for a number that there
    is not."""
    if not 0 < number <= len(comments):
        raise not_found()
    return comments[number - 1].by


def taken_away(
    comments: Sequence[Comment], number: int, by: str, at: datetime, author: str
) -> tuple[Comment, ...]:
    """The words of one, by its author only, also by the record of hers that is kept (`author`:
    empty where there is no other). Raises NOT_FOUND for a number that there is not,
    FORBIDDEN `author_only`, CONFLICT `comment_voided`."""
    if by not in (made_by(comments, number), author):
        raise Fault(Kind.FORBIDDEN, "author_only", "Only its author voids a comment.")
    held = dict(enumerate(comments, 1))
    check_counts(held[number], conflict("comment_voided", "The comment was voided already."))
    held[number] = replace(voided(held[number], by, at), text="")
    return tuple(held.values())


def under_other_id(comments: Sequence[Comment], before: str, to: str) -> tuple[Comment, ...]:
    """Those of `before` are by `to`: it is the same person."""
    return tuple(replace(each, by=to) if each.by == before else each for each in comments)


def standing(comments: Sequence[Comment]) -> Sequence[Comment]:
    """Those that were not voided, oldest first."""
    return [each for each in comments if each.voided_at is None]
