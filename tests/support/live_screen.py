"""What a client of a live caseload shows, and what it should."""

from __future__ import annotations

from collections.abc import Sequence

from services.insights.caseload.cards import card_of
from services.insights.caseload.domain.entry import CaseloadEntry, entry_until, in_order
from services.insights.live.read import Watch, watch_caseload
from services.insights.live.stream import Message, MessageKind
from tests.support.insight import COACH, DISTRICT, YEAR, Insights


class Screen:
    """What a client shows: it knows only the messages it has received."""

    def __init__(self) -> None:
        self.shown: dict[str, CaseloadEntry] = {}
        self.order: list[str] = []
        self.placed: list[str] = []  # as `order`, with each entry put at once where it says
        self.token = ""
        self.received = 0

    def receive(self, message: Message) -> None:
        self.received += 1
        self.token = message.token
        if message.kind is MessageKind.RESET:
            self.shown, self.order, self.placed = {}, [], []
        elif message.entry is not None:
            teacher = message.entry.card.teacher
            self.shown[teacher] = message.entry
            self.placed = [each for each in self.placed if each != teacher]
            self.placed.insert(
                self.placed.index(message.after) + 1 if message.after else 0, teacher
            )
        elif message.kind is MessageKind.GONE:
            self.shown.pop(message.teacher, None)
            self.order = [each for each in self.order if each != message.teacher]
            self.placed = [each for each in self.placed if each != message.teacher]
        elif message.kind is MessageKind.ORDER:
            self.order = self.placed = list(message.order)

    def agrees(self, whole: Sequence[CaseloadEntry]) -> bool:
        """With the caseload as one who reads it gets it."""
        here = [self.shown[teacher] for teacher in self.order]
        return here == list(whole) and len(here) == len(self.shown) and self.order == self.placed


async def connect(insights: Insights, token: str = "", coach: str = COACH) -> Watch:
    return await watch_caseload(
        insights.ports.live, insights.call("watch_caseload", coach), coach=coach, token=token
    )


async def waiting(watch: Watch) -> list[Message]:
    """All that is in the mailbox."""
    found: list[Message] = []
    while (message := await watch.reader.mailbox.take(0.0)) is not None:
        found.append(message)
    return found


async def news(watch: Watch) -> list[Message]:
    """`waiting`, but for the order."""
    return [each for each in await waiting(watch) if each.kind is not MessageKind.ORDER]


async def truth(insights: Insights) -> Sequence[CaseloadEntry]:
    cards, almanac = insights.ports.caseload.cards, insights.ports.caseload.almanac
    calendar = almanac.calendar(DISTRICT, YEAR)
    rows = await cards.caseload(DISTRICT, COACH, YEAR)
    now = insights.clock.now()
    return in_order((entry_until(card_of(row), calendar, now)[0] for row in rows), now)
