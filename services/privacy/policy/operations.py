"""What callers may do with data-use policies: the district proposes, whoever has a key signs, all
staff read."""

from __future__ import annotations

from coaching.privacy.v1 import policy_pb2, policy_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Table
from services.privacy.policy import cases
from services.privacy.policy.cases import Ports
from services.privacy.policy.domain import DataUsePolicy
from services.privacy.policy.resources import PolicyPage, policy_resource

STAFF = Policy(staff=True)
DISTRICT = Policy(district_admin=True)

POLICY: Noun[Ports, DataUsePolicy] = Noun(
    "/policies/{policy_id}", lambda ports: ports.policies, policy_resource
)
OPERATIONS: Table[Ports, Policy] = Table(
    "privacy",
    policy_pb2.DESCRIPTOR.services_by_name["PoliciesService"],
    policy_pb2_grpc.add_PoliciesServiceServicer_to_server,
    POLICY.create(cases.propose_policy, DISTRICT),
    POLICY.change(cases.sign_policy, STAFF, "sign", when=DataUsePolicy.check_sign),
    POLICY.get(STAFF),
    POLICY.find(cases.list_policies, STAFF, PolicyPage),
)
