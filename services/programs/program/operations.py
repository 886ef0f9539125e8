"""What callers may do with programs: who leads one drafts, plans and opens it, coaches read it,
and whoever is enrolled in it reads its process."""

from __future__ import annotations

from coaching.programs.v1 import program_pb2, program_pb2_grpc
from services.access.policy import Policy
from services.chassis.call import Call
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table, apart
from services.chassis.fields import Id
from services.programs.program import cases
from services.programs.program.cases import Ports
from services.programs.program.domain import Program
from services.programs.program.resources import (
    ProcessTemplatePage,
    ProgramPage,
    ProgramProcessResource,
    process_template_resource,
    process_template_summary,
    program_process_resource,
    program_resource,
    program_summary,
)
from services.programs.program.shipped import ProcessTemplate

LEADS = Policy(program_lead=True, district_admin=True)
SEEN = Policy(program_lead=True, district_admin=True, coaching=True)
GONE_BY = Policy(party=True, program_lead=True, district_admin=True, coaching=True)
STAFF = Policy(staff=True)  # templates name nobody


async def get_program_process(ports: Ports, call: Call, program_id: Id) -> ProgramProcessResource:
    """The process of a program, with prompts and guidance: for who is enrolled in it or coaches.

    With what it leaves out or does otherwise, and why; without its costs and leads, and without
    who said so. Who has withdrawn reads it no more. 2 database commands, for coaches 1."""
    return program_process_resource(await cases.process_of(ports, call, program_id))


PROGRAM: Noun[Ports, Program] = Noun(
    "/programs/{program_id}",
    lambda ports: ports.programs,
    program_resource,
    names=lambda ports: ports.names,
)
TEMPLATE: Noun[Ports, ProcessTemplate] = Noun(
    "/process-templates/{process_template_id}", None, process_template_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "programs",
    program_pb2.DESCRIPTOR.services_by_name["ProgramsService"],
    program_pb2_grpc.add_ProgramsServiceServicer_to_server,
    PROGRAM.create(cases.draft_program, LEADS),
    PROGRAM.change(cases.edit_program, LEADS, "edit", versioned=True, when=Program.check_edit),
    PROGRAM.change(cases.plan_program, LEADS, "plan", when=Program.check_plan),
    PROGRAM.change(cases.deviate_program, LEADS, "deviate", when=Program.check_deviate),
    PROGRAM.move(Program.open, LEADS, when=Program.check_open),
    PROGRAM.move(Program.begin, LEADS, when=Program.check_begin),
    PROGRAM.move(Program.close, LEADS, when=Program.check_close, late=Late.WINS),
    PROGRAM.move(Program.withdraw, LEADS, when=Program.check_withdraw, late=Late.WINS),
    PROGRAM.get(SEEN, cases.get_program),
    PROGRAM.find(cases.list_programs, SEEN, ProgramPage, program_summary),
    apart(get_program_process, "GET", "/programs/{program_id}/process", GONE_BY),
    TEMPLATE.get(STAFF, cases.get_process_template),
    TEMPLATE.find(
        cases.list_process_templates, STAFF, ProcessTemplatePage, process_template_summary
    ),
)
