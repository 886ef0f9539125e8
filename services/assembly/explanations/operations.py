"""Why somebody may, or may not, is for the district's administrators, and for who was given the
role `records_officer` for the teacher by name. Each service explains what it decides itself."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from services.access.policy import Policy
from services.assembly.explanations.cases import Ports, get_access_explanation
from services.chassis.edge.operation import Table, apart

EXPLAINED = Policy(records_officer=True, district_admin=True, about="access")


@cache  # its models are made of the use case's signature
def explanations_of(service: str) -> Table[Ports, Policy]:
    """The RPC service is the one of its own `access_explanation.proto`."""
    messages = import_module(f"coaching.{service}.v1.access_explanation_pb2")
    rpcs = import_module(f"coaching.{service}.v1.access_explanation_pb2_grpc")
    return Table(
        service,
        messages.DESCRIPTOR.services_by_name["AccessExplanationsService"],
        rpcs.add_AccessExplanationsServiceServicer_to_server,
        apart(get_access_explanation, "GET", "/access-explanations", EXPLAINED),
    )
