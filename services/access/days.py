"""Days are the district's: when one begins and ends is a matter of its time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.access.coaching import counts
from services.access.districts import Districts
from services.access.school_year import FIRST, LAST, last_day, school_year_of
from services.chassis.kernel import day_begins, day_of, invalid

AHEAD = 120  # days, for which is said that something begins


class Days:
    """The one place where an instant becomes a day. Instants are aware datetimes."""

    def __init__(self, districts: Districts) -> None:
        self.districts = districts

    def zone(self, district: str) -> ZoneInfo:
        return ZoneInfo(self.districts.of(district).time_zone)

    def day_of(self, district: str, instant: datetime) -> date:
        """The day that an instant belongs to in the district."""
        return day_of(instant, self.zone(district))

    def without_school(self, district: str) -> frozenset[date]:
        """The days without school that the district has set."""
        return frozenset(self.districts.of(district).without_school())

    def school_year_of(self, district: str, instant: datetime, place: str = "") -> int:
        """The school year of that day: it turns when July 1 begins in the district. Raises
        Fault INVALID, with `place`, where that is none from 2000 to 2100."""
        year = school_year_of(self.day_of(district, instant))
        if not FIRST <= year <= LAST:
            detail = f"The day lies in no school year from {FIRST} to {LAST}."
            raise invalid("school_year_out_of_range", detail, place)
        return year

    def named(
        self, district: str, instant: datetime, school_year: int | None, place: str = ""
    ) -> int:
        """The school year that a request names, or that of the instant where it names none.
        Raises as `school_year_of`."""
        year = self.school_year_of(district, instant, place)
        return year if school_year is None else school_year

    def check_current(
        self,
        district: str,
        now: datetime,
        school_year: int,
        place: str = "/school_year",
        *,
        ended_too: bool = False,
    ) -> None:
        """Raises Fault INVALID, with `place`, for a school year that is neither this one nor the
        next: on its card nobody would look for what is new. `ended_too`: nor the one that has
        ended, as long as its relationships count."""
        today = self.day_of(district, now)
        this = school_year_of(today)
        if school_year in (this, this + 1):
            return
        if ended_too and counts(school_year, today, self.districts.of(district)):
            return
        detail = f"It must belong to this school year or the next: {this} or {this + 1}."
        raise invalid("not_this_or_next_year", detail, place)

    def counts(self, district: str, now: datetime, school_year: int) -> bool:
        """Whether what was begun in a school year goes on that day: it is this one, or the last
        one as long as its relationships count."""
        return counts(school_year, self.day_of(district, now), self.districts.of(district))

    def check_due(self, district: str, now: datetime, due: str) -> None:
        """Raises Fault INVALID at `/due_date` for a day (YYYY-MM-DD) that is over, or later
        than the next school year. An empty one is none."""
        if not due:
            return
        today, day = self.day_of(district, now), date.fromisoformat(due)
        if day < today:
            raise invalid("due_date_passed", f"The day is over: it is {today} today.", "/due_date")
        latest = last_day(school_year_of(today) + 1)
        if day > latest:
            detail = f"That is too far ahead: the next school year ends on {latest}."
            raise invalid("due_date_too_far", detail, "/due_date")

    def check_ahead(self, district: str, now: datetime, day: str, school_year: int) -> None:
        """Raises Fault INVALID at `/from_date` for a day (YYYY-MM-DD) that is over, of another
        school year, or later than in `AHEAD` days."""
        today, wanted, place = self.day_of(district, now), date.fromisoformat(day), "/from_date"
        if wanted < today:
            raise invalid("begins_in_the_past", f"It is {today} today.", place)
        if school_year_of(wanted) != school_year:
            detail = f"The school year that it is of ends on {last_day(school_year)}."
            raise invalid("other_school_year", detail, place)
        latest = today + timedelta(days=AHEAD)
        if wanted > latest:
            raise invalid("from_date_too_far", f"It is {latest} at the latest.", place)

    def span(
        self, district: str, from_date: str | None, to_date: str | None
    ) -> tuple[datetime | None, datetime | None]:
        """From the beginning of the one day (YYYY-MM-DD) to the end of the other, None where none
        is given. Raises Fault INVALID for a day that no school year from 2000 to 2100 has, and
        for an end before the beginning."""
        first, last = (
            in_range(day, place) if day else None
            for day, place in ((from_date, "/from_date"), (to_date, "/to_date"))
        )
        if first is not None and last is not None and last < first:
            raise invalid("ends_before_it_begins", "The end lies before the beginning.", "/to_date")
        since = self.begins(district, first) if first is not None else None
        until = self.ends(district, last) if last is not None else None
        return since, until

    def week_of(self, district: str, instant: datetime) -> date:
        """The Monday of the district's week that an instant belongs to."""
        day = self.day_of(district, instant)
        return day - timedelta(days=day.weekday())

    def weeks_later(self, district: str, instant: datetime, weeks: int) -> datetime:
        """So many weeks after an instant, in UTC, at the same time of the district's day."""
        local = instant.astimezone(self.zone(district)) + timedelta(weeks=weeks)
        return local.astimezone(UTC)

    def begins(self, district: str, day: date) -> datetime:
        """The instant, in UTC, at which a day begins in the district."""
        return day_begins(day, self.zone(district))

    def ends(self, district: str, day: date) -> datetime:
        """The instant, in UTC, at which a day is over in the district."""
        return self.begins(district, day + timedelta(days=1))


def in_range(day: str, place: str) -> date:
    """A day (YYYY-MM-DD). Raises Fault INVALID, with `place`, for one that no school year from 2000
    to 2100 has."""
    found = date.fromisoformat(day)
    if not FIRST <= school_year_of(found) <= LAST:
        detail = f"The day lies in no school year from {FIRST} to {LAST}."
        raise invalid("school_year_out_of_range", detail, place)
    return found
