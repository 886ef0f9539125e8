"""What people of a simulated district type and mistype: drafts that two devices save, values that
two people put right, and what must have become of it when all is quiet again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from services.assembly.drafts import cases as drafts
from services.assembly.drafts.cases import SaveDraft, TextOfDraft
from services.chassis.call import Call
from services.chassis.kernel import Fault, Kind
from services.chassis.write.drafts import Draft
from services.goals.goal import cases
from services.goals.goal.cases import CorrectProgress
from services.goals.goal.codec import PROGRESS
from tests.support.simulation_net import CLIENT_SECONDS

LATEST = 4 * CLIENT_SECONDS  # after which nothing lands that somebody has given up before


async def save_draft(ports: Any, call: Call, id_: str, words: str, seen: int | None) -> Draft:
    """The words so far, in place of what was seen."""
    call.if_match = seen
    texts = [TextOfDraft(name="statement", text=words)]
    return await drafts.save_draft(ports.draft, call, id_, SaveDraft(kind="goal", texts=texts))


async def get_draft(ports: Any, call: Call, id_: str) -> Draft:
    return await drafts.get_draft(ports.draft, call, id_)


async def delete_draft(ports: Any, call: Call, id_: str) -> bool:
    """Whether it was there: one whose first answer was lost is not."""
    try:
        await drafts.delete_draft(ports.draft, call, id_)
    except Fault as fault:
        if fault.kind is not Kind.NOT_FOUND:
            raise
        return False
    return True


async def correct_progress(
    ports: Any, call: Call, goal: str, number: str, asked: CorrectProgress
) -> Any:
    return await cases.correct_progress(ports.goal, call, goal, int(number), asked)


class Typing:
    """One draft of one author, open on two devices. A device adds its words to what it has read,
    one a save; where the other has saved since it reads again. `words`: those of saves that were
    answered. `gone`: the author has thrown it away."""

    def __init__(self, people: Any) -> None:
        self._people = people
        self.words: set[str] = set()
        self.author, self.gone = "", False

    async def life(self, author: str) -> None:
        do, chance = self._people._do, self._people.chance
        await do("goals", save_draft, author, author, words="", seen=None)
        await asyncio.sleep(LATEST)  # a first save has seen nothing: it is put over anything
        self.author = author
        await asyncio.gather(*(self._device(name, chance.randint(1, 3)) for name in "ab"))
        if chance.random() < 0.75:
            await do("goals", delete_draft, author, author)
            self.gone = True

    async def _device(self, name: str, count: int) -> None:
        for word in (f"{name}{number}" for number in range(count)):
            tries = 0
            while not await self._typed(word, str(tries := tries + 1)):
                pass
            self.words.add(word)

    async def _typed(self, word: str, turn: str) -> bool:
        """Whether it is said now, by this try or one whose answer was lost."""
        do, turn = self._people._do, word + turn
        found = await do("goals", get_draft, self.author, self.author, turn=turn)
        said = found.texts[0].text.split()
        if word in said:
            return True
        words = " ".join((*said, word))
        try:
            await do(
                "goals",
                save_draft,
                self.author,
                self.author,
                turn=turn,
                words=words,
                seen=found.version,
            )
        except Fault as fault:
            if fault.kind is not Kind.STALE:
                raise
            return False
        return True

    def check(self, district: str) -> None:
        if not self.author:
            return
        kept = self._people.simulation.disks["goals"].drafts.kept
        draft = kept.get((district, self.author, self.author))
        if self.gone:
            assert draft is None, "a draft that was thrown away is there again"
            return
        assert draft is not None, "a draft is lost"
        said = draft.texts[0].text.split()
        assert sorted(said) == sorted(self.words), f"saved over what was not seen: {said}"


class Mistyped:
    """`corrected`: of progress of a goal, by its number, what it was first and what the two who put
    it right said, each with a version of the goal. `scored`: observations of which a score was 2
    and was put right."""

    def __init__(self, people: Any) -> None:
        self._people = people
        self.corrected: dict[tuple[str, int], tuple[float, set[float]]] = {}
        self.scored: list[str] = []

    def of(self, goal: str) -> int:
        """How many corrections of it were answered."""
        return sum(len(said) for (of, _), (_, said) in self.corrected.items() if of == goal)

    async def correct(self, listed: Sequence[Any], goal: str, coach: str, teacher: str) -> None:
        """One of what the coach has recorded, perhaps gone from the goal, by her and its owner at
        once."""
        people, chance = self._people, self._people.chance
        hers = [each for each in listed if each.part.by == coach]
        if not hers:
            return
        chosen = _one_of(hers, chance)
        first, number = chosen.part.value, chosen.number
        said = {first + 1_000, first + 2_000}
        people.asked[goal] += said
        await asyncio.gather(
            *(
                people._do(
                    "goals",
                    correct_progress,
                    who,
                    goal,
                    str(number),
                    turn=str(value),
                    asked=CorrectProgress(value=value, reason="mistyped"),
                )
                for who, value in zip((coach, teacher), sorted(said), strict=True)
            )
        )
        people.acked[goal] = [each for each in people.acked[goal] if each != first]
        self.corrected[goal, number] = first, said

    async def check(self, district: str) -> None:
        disks = self._people.simulation.disks
        for observation in self.scored:
            seen = await disks["observations"].documents.get(district, "observation", observation)
            assert seen is not None
            before, (now,) = seen.state["corrections"], seen.state["scores"]
            assert ([each["score"] for each in before], now["score"]) == ([2], 1), "not once"
        disk = disks["goals"]
        for (goal, number), (first, said) in self.corrected.items():
            found = await disk.documents.get(district, "goal", goal)
            assert found is not None
            settled = found.state["settled"]
            if number > settled:
                kept = found.state["progress"][number - 1 - settled]
            else:
                (entry,) = await disk.journal.left(district, goal, PROGRESS.kind, number + 1, 1)
                kept = entry.state
            was = [each["value"] for each in kept["earlier"]]
            told = f"corrected not once each: {was}, {kept['value']}"
            assert (was[:1], {*was[1:], kept["value"]}, len(was)) == ([first], said, 2), told


def _one_of(listed: Sequence[Any], chance: random.Random) -> Any:
    return chance.choice(sorted(listed, key=lambda each: each.number))
