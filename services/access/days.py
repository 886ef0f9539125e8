"""Days are the district's: when one begins and ends is a matter of its time zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.access.districts import Districts
from services.access.school_year import FIRST, LAST, school_year_of
from services.chassis.kernel import day_begins, day_of, invalid


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

    def check_near(self, district: str, instant: datetime, school_year: int) -> None:
        """Raises Fault INVALID at `/school_year` for a school year that is neither that of the
        instant, the one before nor the one after it: on its card nobody would find it."""
        if abs(school_year - self.school_year_of(district, instant)) > 1:
            detail = "Name the school year of that day, the one before or the one after it."
            raise invalid("school_year_too_far", detail, "/school_year")

    def begins(self, district: str, day: date) -> datetime:
        """The instant, in UTC, at which a day begins in the district."""
        return day_begins(day, self.zone(district))
