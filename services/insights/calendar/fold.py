"""Academic sessions and stated days, from which a district's calendars are made."""

from __future__ import annotations

from services.access.calendar_folds import calendar_folds

CALENDARS = "calendars"
FOLDS = calendar_folds(CALENDARS)
