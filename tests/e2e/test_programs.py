"""A coaching program on real engines: led by whom a grant lets lead, and published."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import grpc

from coaching.journal.v1 import journal_pb2
from coaching.journal.v1.journal_pb2_grpc import JournalServiceStub
from coaching.programs.v1 import program_events_pb2, program_pb2
from coaching.programs.v1.program_pb2_grpc import ProgramsServiceStub
from tests.support.coaching import Coaching
from tests.support.stack import RunningStack
from tests.support.waiting import HANGS

ADMIN, LEAD, COACH, TEACHER = "admin-01", "leader-01", "coach-01", "teacher-0001"
PROGRAMS = "/programs/v1/programs"
SAYS = {
    "name": "Talk in math lessons",
    "type": "one_to_one",
    "purpose": "new_pedagogy",
    "focus": "content",
    "modality": "in_person",
    "success_criteria": [{"criterion_id": "talk", "statement": "Students talk more"}],
    "template": "weekly-steps",
}


async def command(stack: RunningStack, token: str, *typed: str) -> Any:
    """`tandem program` as its users type it: its JSON."""
    given = ["--district", "north", "--url", stack.stack.rest("programs"), "--json"]
    program = [sys.executable, "-m", "services.ctl", "program", *typed, *given, "--token", token]
    process = await asyncio.create_subprocess_exec(
        *program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, said = await process.communicate()
    assert process.returncode == 0, said.decode()
    return json.loads(told)


async def published(stack: RunningStack, program: str, state: int) -> None:
    """Wait until an event says so of a program."""
    token = stack.token("north/warehouse?programs.journal.read")
    metadata = (("authorization", f"Bearer {token}"),)
    async with (
        asyncio.timeout(HANGS),
        grpc.aio.insecure_channel(stack.stack.grpc("programs")) as channel,
    ):
        asked = journal_pb2.FollowEventsRequest()
        asked.types.append(program_events_pb2.ProgramOpened.DESCRIPTOR.full_name)
        async for answer in JournalServiceStub(channel).FollowEvents(asked, metadata=metadata):
            for each in answer.records:
                said = program_events_pb2.ProgramOpened.FromString(each.data).program
                if (said.program_id, said.state) == (program, state):
                    return


async def test_a_program_is_led_by_its_lead_read_by_coaches_and_published(
    stack: RunningStack, north: Coaching
) -> None:
    lead = {"person_id": LEAD, "role": "program_lead", "org_ids": ["school-01"], "reason": "Hers"}
    await north.may(LEAD, PROGRAMS, yes=False)
    grant = await north.post(ADMIN, "/roster/v1/grants", lead)
    await north.may(LEAD, PROGRAMS)
    made = await north.post(LEAD, PROGRAMS, SAYS, key="e2e-program")
    path = f"{PROGRAMS}/{made['program_id']}"
    assert await north.post(LEAD, PROGRAMS, SAYS, key="e2e-program") == made
    opened = await north.post(LEAD, f"{path}/open")
    assert (opened["state"], opened["template"]) == ("enrolling", "weekly-steps")
    reason = {"step_id": "rehearsal", "deviation": "skipped", "reason": "No time in testing weeks"}
    told = await north.post(LEAD, f"{path}/deviate", reason)
    assert told["revision"] == 2
    await published(stack, made["program_id"], program_events_pb2.PROGRAM_STATE_ENROLLING)

    await north.may(TEACHER, path, yes=False)
    token = stack.token(north.who(COACH))
    async with grpc.aio.insecure_channel(stack.stack.grpc("programs")) as channel:
        programs = ProgramsServiceStub(channel)
        found = await programs.GetProgram(
            program_pb2.GetProgramRequest(program_id=made["program_id"]),
            metadata=(("authorization", f"Bearer {token}"),),
        )
    assert (found.name, list(found.allowed)) == (SAYS["name"], [])
    assert [each.step_id for each in found.deviations] == ["rehearsal"]

    shown = await command(stack, token, "show", made["program_id"])
    assert shown["program_id"] == made["program_id"]
    templates = await command(stack, token, "templates")
    assert len(templates["process_templates"]) == 7

    await north.post(ADMIN, f"/roster/v1/grants/{grant['grant_id']}/end", {"reason": "Over"})

    await north.may(LEAD, path, yes=False)
    await north.asks.ask(north.who(LEAD), "POST", f"{path}/begin", status=404)
    assert (await north.post(ADMIN, f"{path}/begin"))["state"] == "active"
