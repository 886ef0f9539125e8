"""What callers may do with looks: each sees who looked at what is about her, and nobody else does,
whatever she leads or administers. How much was disclosed to whom, by nobody's name, is the
district's."""

from __future__ import annotations

from typing import Any

from coaching.privacy.v1 import look_pb2, look_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table, apart
from services.privacy.look import cases
from services.privacy.look.cases import Ports
from services.privacy.look.disclosed import list_disclosures
from services.privacy.look.refused import summarize_refused_purposes
from services.privacy.look.resources import (
    DisclosurePage,
    LookPage,
    disclosure_resource,
    look_resource,
)

HERSELF = Policy(party=True, about="look")
STAFF = Policy(staff=True)
DISCLOSED = Policy(records_officer=True, district_admin=True)

LOOK: Noun[Ports, Any] = Noun(
    "/looks/{look_id}", None, look_resource, names=lambda ports: ports.names
)
DISCLOSURE: Noun[Ports, Any] = Noun(
    "/disclosures/{disclosure_id}", None, disclosure_resource, names=lambda ports: ports.names
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    look_pb2.DESCRIPTOR.services_by_name["LooksService"],
    look_pb2_grpc.add_LooksServiceServicer_to_server,
    LOOK.get(HERSELF, cases.get_look),
    LOOK.find(cases.list_looks, HERSELF, LookPage),
    DISCLOSURE.find(list_disclosures, DISCLOSED, DisclosurePage),
    apart(summarize_refused_purposes, "GET", "/refused-purposes", STAFF),
)
