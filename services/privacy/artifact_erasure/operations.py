"""What callers may do with orders to erase one thing: a person orders it of what is hers alone,
and sees those that she has given; the district's administrators order and see all."""

from __future__ import annotations

from coaching.privacy.v1 import artifact_erasure_pb2, artifact_erasure_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.privacy.artifact_erasure import cases
from services.privacy.artifact_erasure.cases import Ports
from services.privacy.artifact_erasure.domain import ArtifactErasure
from services.privacy.artifact_erasure.resources import (
    ArtifactErasurePage,
    artifact_erasure_resource,
)

HERS_OR_DISTRICT = Policy(party=True, district_admin=True, about="artifact_erasure")

ORDER: Noun[Ports, ArtifactErasure] = Noun(
    "/artifact-erasures/{artifact_erasure_id}",
    lambda ports: ports.orders,
    artifact_erasure_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    artifact_erasure_pb2.DESCRIPTOR.services_by_name["ArtifactErasuresService"],
    artifact_erasure_pb2_grpc.add_ArtifactErasuresServiceServicer_to_server,
    ORDER.create(cases.order_artifact_erasure, HERS_OR_DISTRICT),
    ORDER.move(
        ArtifactErasure.withdraw,
        HERS_OR_DISTRICT,
        when=ArtifactErasure.check_withdraw,
        late=Late.WINS,
    ),
    ORDER.get(HERS_OR_DISTRICT),
    ORDER.find(cases.list_artifact_erasures, HERS_OR_DISTRICT, ArtifactErasurePage),
)
