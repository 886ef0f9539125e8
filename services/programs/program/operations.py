"""What callers may do with programs: who leads one drafts, plans and opens it, coaches read it."""

from __future__ import annotations

from coaching.programs.v1 import program_pb2, program_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.programs.program import cases
from services.programs.program.cases import Ports
from services.programs.program.domain import Program
from services.programs.program.resources import (
    ProcessTemplatePage,
    ProgramPage,
    process_template_resource,
    process_template_summary,
    program_resource,
    program_summary,
)
from services.programs.program.shipped import ProcessTemplate

LEADS = Policy(program_lead=True, district_admin=True)
SEEN = Policy(program_lead=True, district_admin=True, coaching=True)

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
    TEMPLATE.get(SEEN, cases.get_process_template),
    TEMPLATE.find(
        cases.list_process_templates, SEEN, ProcessTemplatePage, process_template_summary
    ),
)
