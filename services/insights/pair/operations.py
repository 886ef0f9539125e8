"""What callers may do with pairs and groups: each reads her own, as far as her partner lets her."""

from __future__ import annotations

from coaching.insights.v1 import pair_pb2, pair_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.operation import Table, apart
from services.insights.pair import read
from services.insights.pair.read import Ports

OF_HERS = Policy(party=True, about="card")

OPERATIONS: Table[Ports, Policy] = Table(
    "insights",
    pair_pb2.DESCRIPTOR.services_by_name["PairsService"],
    pair_pb2_grpc.add_PairsServiceServicer_to_server,
    apart(read.get_own_pairs, "GET", "/pairs", OF_HERS),
)
