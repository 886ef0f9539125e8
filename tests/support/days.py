"""Days of districts that are not listed: UTC."""

from services.access.days import Days
from services.access.districts import Districts

DAYS = Days(Districts())
