"""What students are asked, for whoever shows it to them."""

from __future__ import annotations

from dataclasses import dataclass

from services.chassis.call import Call
from services.chassis.kernel import if_there, not_found
from services.surveys.administration.cases import Ports
from services.surveys.administration.outline import AdministrationState
from services.surveys.instrument.domain import InstrumentSays


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked, in one of its `languages`; the first is the instrument's own, none where
    nobody said."""

    asked: InstrumentSays
    languages: tuple[str, ...]


async def get_form(ports: Ports, call: Call, administration_id: str, language: str = "") -> Form:
    """What an open survey asks, for anybody who knows its id: to answer takes a code, to read the
    questions does not. They stay the same while it is open. In `language`, or in the instrument's
    own where it is not asked in that one.

    A survey that is not open (yet, or any more) is answered as one that there is not, of whatever
    district: NOT_FOUND. 2 commands, 1 once the instrument has been read; 1 where there is none."""
    administration = await if_there(ports.administrations.get(call, administration_id))
    if administration is None or administration.state is not AdministrationState.OPEN:
        raise not_found()
    instrument = await ports.published.get(call.district, administration.instrument_id)
    if instrument is None:
        raise not_found()
    return Form(instrument.says.worded(language), instrument.languages)
