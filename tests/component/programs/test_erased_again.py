"""What is ended and begun again while an order waits was begun before it: it goes, too."""

from __future__ import annotations

from typing import Any

from tests.component.programs.test_circles import PATH as CIRCLES
from tests.component.programs.test_circles_gone import join, propose
from tests.component.programs.test_enrollments import PATH as ENROLLMENTS
from tests.component.programs.test_enrollments_gone import enroll, opened
from tests.component.test_erasures import ADMIN, BYSTANDER, COACH, HER, ORDER, WHY, Erased

RELATIONSHIPS = "/programs/v1/relationships"


class Waiting(Erased):
    """Of whom all is ordered to be erased, once a legal hold is lifted."""

    async def begin(self) -> Waiting:
        await super().begin()
        program = await opened(self.people)
        self.places = {
            "relationship": f"{RELATIONSHIPS}/{self.work['programs']}",
            "enrollment": f"{ENROLLMENTS}/{await enroll(self.people, program, HER)}",
            "pair": f"{CIRCLES}/{await propose(self.people, HER, [HER, BYSTANDER])}",
        }
        await join(self.people, self.places["pair"].rpartition("/")[2], BYSTANDER)
        self.program = program
        for act in ("hold", "order"):
            (await self.send(ADMIN, f"{ORDER}/{act}", WHY)).raise_for_status()
        await self.minutes_pass()
        return self

    async def minutes_pass(self) -> None:
        self.platform.clock.forward(minutes=5)
        await self.platform.settle()

    async def state(self, what: str) -> Any:
        return (await self.get(HER, self.places[what]))["state"]


async def test_what_was_begun_first_before_the_order_goes_however_often_it_is_begun_again() -> None:
    waiting = await Waiting().begin()
    places, post = waiting.places, waiting.people.post
    await post(HER, f"{places['relationship']}/end")
    await post(HER, f"{places['enrollment']}/withdraw", {})
    await post(HER, f"{places['pair']}/end")
    await waiting.minutes_pass()
    await post(COACH, RELATIONSHIPS, {"coach_id": COACH, "teacher_id": HER})
    await post(HER, f"{places['relationship']}/accept")
    await post(HER, f"{places['enrollment']}/rejoin")
    assert await propose(waiting.people, BYSTANDER, [HER, BYSTANDER]) in places["pair"]
    states = {each: await waiting.state(each) for each in places}
    assert states == {"relationship": "active", "enrollment": "enrolled", "pair": "proposed"}
    (await waiting.send(ADMIN, f"{ORDER}/release", WHY)).raise_for_status()
    done = await waiting.carry_out()
    counted = {each["service"]: each["erased"] for each in done["carried_out"]}
    assert (done["state"], counted["programs"]) == ("done", 3)
    assert [await waiting.status(HER, each) for each in places.values()] == [404, 404, 404]
