"""A table of operations that does not fit is refused when it is made, with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf.descriptor import ServiceDescriptor

from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
from services.chassis.call import Call, Principal
from services.chassis.edge.actions import Actions
from services.chassis.edge.grpc_answer import teller
from services.chassis.edge.grpc_operations import rpc_service
from services.chassis.edge.naming import Named, Owned, name_of, settled
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Operation, Table
from services.chassis.fields import Body, Id, Number, PageResource, Resource
from services.chassis.kernel import Aggregate, Fault
from services.chassis.write.loading import Found

GOALS = goal_pb2.DESCRIPTOR.services_by_name["GoalsService"]
CALL = Call("set_baseline", Principal("north", person="p"))


@dataclass(kw_only=True)
class Thing(Aggregate):
    value: float = 0

    def activate(self, by: str, at: datetime) -> None:
        """Begin."""
        self.value = at.year

    def silent(self, by: str, at: datetime) -> None:
        self.value = 0


class ThingResource(Resource):
    goal_id: str
    value: float
    at: datetime | None
    version: int


class ThingPage(PageResource):
    things: list[ThingResource]


def thing_resource(thing: Thing) -> ThingResource:
    """One thing."""
    return ThingResource(goal_id=thing.id, value=thing.value, at=None, version=thing.version)


class Things:
    async def get(self, call: Call, id: str) -> Thing:
        return Thing(id=id, district=call.district)

    async def move(self, call: Call, id: str, method: Any) -> Thing:
        thing = await self.get(call, id)
        method(thing, call.principal.id, self.now())
        return thing

    async def admits(self, call: Call, operation: str, thing: Any, known: Any) -> bool:
        return True

    def now(self) -> datetime:
        return datetime(2026, 10, 5, tzinfo=UTC)


class SetBaseline(Body):
    value: Number


async def set_baseline(things: Things, call: Call, goal_id: Id, asked: SetBaseline) -> Thing:
    """Say where it starts.

    Raises nothing that a caller is told."""
    return Thing(id=goal_id, district=call.district, value=asked.value, version=3)


async def list_things(
    things: Things, call: Call, *, teacher_id: Id, after: str, limit: int
) -> Found[Thing]:
    """All of them."""
    found = [Thing(id=f"{teacher_id}-{n}", district="north") for n in range(limit)]
    return Found(found, after="" if after else found[-1].id)


THING: Noun[Things, Thing] = Noun("/goals/{goal_id}", lambda things: things, thing_resource)


def table(*operations: Operation[Things, str], rpc: ServiceDescriptor = GOALS) -> Table[Any, str]:
    return Table("goals", rpc, goal_pb2_grpc.add_GoalsServiceServicer_to_server, *operations)


class Other(Aggregate):
    def finish(self, by: str, at: datetime) -> None:
        """End."""


async def make_other(things: Things, call: Call, asked: SetBaseline) -> Other:
    """Another kind."""
    raise NotImplementedError


def of_an_other(other: Other) -> ThingResource:
    """Another kind."""
    raise NotImplementedError


def what_mypy_refuses() -> None:
    """Called by nobody: where mypy does not refuse a line any more, it calls the comment unused."""
    THING.move(Other.finish, "mine")  # type: ignore[arg-type]
    THING.move(Thing.activate, "mine", when=Other.finish)  # type: ignore[arg-type]
    THING.create(make_other, "mine")  # type: ignore[arg-type]
    THING.find(list_things, "mine", ThingPage, of_an_other)  # type: ignore[misc]
    Noun("/others/{id}", lambda things: Things(), of_an_other)  # type: ignore[misc]


def test_a_use_case_says_all_that_callers_are_told() -> None:
    made = THING.change(set_baseline, "mine", "baseline", verb="PUT")
    assert (made.name, made.verb, made.path) == ("set_baseline", "PUT", "/goals/{goal_id}/baseline")
    assert (made.policy, made.about) == ("mine", "Say where it starts.")
    assert set(made.asked.parts) == {"path", "body"}


async def test_a_request_is_one_object_and_an_answer_is_a_resource_with_its_version() -> None:
    made = THING.change(set_baseline, "mine", "baseline")
    asked = made.asked.model.model_validate({"path": {"goal_id": "g"}, "body": {"value": 2.5}})
    answer = await made.run(Things(), CALL, asked)
    assert answer.version == 3
    assert answer.resource == ThingResource(goal_id="g", value=2.5, at=None, version=3)


async def test_a_list_may_be_of_what_its_path_names() -> None:
    made = THING.find(list_things, "mine", ThingPage, path="/teachers/{teacher_id}/goals")
    assert (made.path, set(made.asked.parts)) == ("/teachers/{teacher_id}/goals", {"path", "query"})
    tokens, tom = {}, {"teacher_id": "tom"}
    for who in ("ann", "tom"):
        asked = {"path": {"teacher_id": who}, "query": {"page_size": 2}}
        answer = await made.run(Things(), CALL, made.asked.model.model_validate(asked))
        shown = answer.resource.model_dump()["things"]
        assert [each["goal_id"] for each in shown] == [f"{who}-0", f"{who}-1"]
        tokens[who] = answer.next_page_token
    of_another = {"path": tom, "query": {"page_token": tokens["ann"]}}
    with pytest.raises(Fault, match="page_token"):
        await made.run(Things(), CALL, made.asked.model.model_validate(of_another))
    with pytest.raises(ValueError, match="of the path's"):
        THING.find(list_things, "mine", ThingPage, path="/orgs/{org_id}/goals")


async def test_a_move_is_a_method_of_the_aggregate() -> None:
    made = THING.move(Thing.activate, "mine")
    assert (made.name, made.path) == ("activate_goal", "/goals/{goal_id}/activate")
    answer = await made.run(Things(), CALL, made.asked.model(path={"goal_id": "g"}))
    assert answer.resource.model_dump()["value"] == 2026


async def test_one_by_its_id_goes_by_its_use_case_where_it_has_one() -> None:
    async def read_thing(things: Things, call: Call, goal_id: Id) -> Thing:
        """One of them, read."""
        return Thing(id=goal_id, district=call.district, version=4)

    made = THING.get("mine", read_thing)
    assert (made.name, made.verb, made.path) == ("read_thing", "GET", "/goals/{goal_id}")
    assert made.about == "One of them, read."
    answer = await made.run(Things(), CALL, made.asked.model(path={"goal_id": "g"}))
    assert (answer.version, answer.resource.model_dump()["goal_id"]) == (4, "g")


def test_what_is_held_nowhere_goes_by_use_cases_alone() -> None:
    nowhere: Noun[Things, Thing] = Noun("/goals/{goal_id}", None, thing_resource)
    with pytest.raises(ValueError, match="nothing says where they are"):
        nowhere.get("mine")
    with pytest.raises(ValueError, match="nothing says where they are"):
        nowhere.move(Thing.activate, "mine")


async def test_a_page_goes_on_where_it_ended_with_the_same_filters_alone() -> None:
    made = THING.find(list_things, "mine", ThingPage)

    async def page(teacher: str, token: str) -> Any:
        query = {"teacher_id": teacher, "page_size": 2, "page_token": token}
        return await made.run(Things(), CALL, made.asked.model(query=query))

    first = await page("t", "")
    assert [each.goal_id for each in first.resource.things] == ["t-0", "t-1"]
    assert first.next_page_token
    assert (await page("t", first.next_page_token)).next_page_token == ""
    with pytest.raises(Fault, match="page_token"):
        await page("other", first.next_page_token)


def test_a_use_case_that_takes_something_else_is_refused() -> None:
    async def rename(things: Things, call: Call, goal_id: Id, color: str) -> Thing:
        """Rename."""
        raise NotImplementedError

    async def unnamed(things: Things, call: Call, other_id: Id) -> Thing:
        """Rename."""
        raise NotImplementedError

    with pytest.raises(ValueError, match="rename: `color` is neither in the path nor a body"):
        THING.change(rename, "mine", "rename")
    with pytest.raises(ValueError, match="`other_id`"):
        THING.change(unnamed, "mine", "rename")


def test_what_says_nothing_of_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="silent: says nothing of itself"):
        THING.move(Thing.silent, "mine")


def test_a_name_is_stated_once() -> None:
    twice = THING.move(Thing.activate, "mine")
    with pytest.raises(ValueError, match="stated twice: activate_goal"):
        table(twice, twice)


def test_rpcs_and_operations_are_held_against_each_other_all_at_once() -> None:
    baseline = THING.change(set_baseline, "mine", "baseline")
    other = THING.find(list_things, "mine", ThingPage)
    with pytest.raises(ValueError, match=r"coaching\.goals\.v1\.GoalsService") as caught:
        rpc_service(table(baseline, other), Things())
    told = str(caught.value).splitlines()
    assert "DraftGoal: no operation" in told
    assert "list_things: no RPC" in told
    (wrong,) = (each for each in told if each.startswith("SetBaseline"))
    assert "coaching.goals.v1.Goal and ThingResource differ: " in wrong
    assert "statement" in wrong


def test_a_resource_and_a_message_of_other_fields_differ() -> None:
    class Less(Resource):
        value: float

    with pytest.raises(TypeError, match="ProgressCorrection and Less differ: corrected_at, "):
        teller(Less, goal_pb2.ProgressCorrection.DESCRIPTOR)


async def test_names_are_filled_into_what_was_made_with_one_question_for_all() -> None:
    class Part(Resource):
        by: str | None
        by_name: str | None = name_of("by")

    class Whole(Resource):
        owner: str
        owner_name: str | None = name_of("owner")
        parts: list[Part]
        last: Part | None

    asked: list[Sequence[Named]] = []

    class Known:
        async def names(self, call: Call, wanted: Sequence[Named]) -> Mapping[Named, str]:
            asked.append(wanted)
            return {Named("person", "a"): "Ann"}

        async def hidden(self, call: Call, asked: Sequence[Owned]) -> Collection[Owned]:
            raise AssertionError("it refers to nobody's work")

    part, last = Part(by="a"), Part(by="b")
    whole = Whole(owner="a", parts=[part, Part(by=None)], last=last)
    await settled([whole], CALL, Known())
    assert asked == [[Named("person", "a"), Named("person", "b")]]
    assert (whole.owner_name, part.by_name, last.by_name) == ("Ann", "Ann", None)
    assert whole.parts[0] is part
    assert whole.parts[1].by_name is None


async def test_who_may_is_asked_once_for_all_operations_of_one_policy() -> None:
    asked: list[str] = []

    class Asked(Things):
        async def admits(self, call: Call, operation: str, thing: Any, known: Any) -> bool:
            asked.append(operation)
            return operation == "one"

    actions: Actions[Asked] = Actions(lambda things: things)
    for name, policy in (("one", "mine"), ("two", "theirs"), ("three", "mine"), ("no_rule", "all")):
        actions.add(name, policy, None if name == "no_rule" else Thing.silent)
    thing = Thing(id="g", district="north")
    assert await actions.allowed(Asked(), CALL, thing, {}) == ["one", "three"]
    assert asked == ["one", "two"]


def test_a_message_says_what_the_resource_does() -> None:
    class Correction(Resource):
        value: float
        note: str | None
        reason: str
        corrected_by: str
        corrected_by_name: str | None = None
        corrected_at: datetime | None

    class Progress(Resource):
        progress_number: int
        value: float
        recorded_at: datetime
        recorded_by: str
        recorded_by_name: str | None = None
        note: str
        earlier: list[Correction]
        voided_at: datetime | None
        voided_by: str | None
        voided_by_name: str | None = None

    at = datetime(2026, 10, 5, 15, 0, 0, 250_000, tzinfo=UTC)
    before = Correction(value=1, note=None, reason="typo", corrected_by="p", corrected_at=at)
    said = Progress(
        progress_number=1, value=2, recorded_at=at, recorded_by="p", note="n", earlier=[before],
        voided_at=None, voided_by=None,
    )  # fmt: skip
    made: Any = teller(Progress, goal_pb2.Progress.DESCRIPTOR)(said)
    assert made.recorded_at.ToDatetime(tzinfo=UTC) == at
    assert (made.earlier[0].reason, made.earlier[0].note) == ("typo", "")
    assert not made.HasField("voided_at")
