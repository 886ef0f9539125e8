"""What callers may do with decision trees: who coaches or administers drafts and publishes them,
all staff see them."""

from __future__ import annotations

from coaching.goals.v1 import tree_pb2, tree_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.tree import cases
from services.goals.tree.cases import Ports
from services.goals.tree.domain import Tree
from services.goals.tree.resources import TreePage, tree_resource, tree_summary

DRAFTS = Policy(coaching=True, district_admin=True)
STAFF = Policy(staff=True)

TREE: Noun[Ports, Tree] = Noun(
    "/trees/{tree_id}",
    lambda ports: ports.trees,
    tree_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    tree_pb2.DESCRIPTOR.services_by_name["TreesService"],
    tree_pb2_grpc.add_TreesServiceServicer_to_server,
    TREE.create(cases.draft_tree, DRAFTS),
    TREE.change(cases.edit_tree, DRAFTS, "edit", versioned=True, when=cases.drafting),
    TREE.change(cases.publish_tree, DRAFTS, "publish", when=cases.drafting),
    TREE.change(cases.retire_tree, DRAFTS, "retire", when=cases.retiring, late=Late.WINS),
    TREE.change(cases.withdraw_tree, DRAFTS, "withdraw", when=cases.drafting, late=Late.WINS),
    TREE.get(STAFF),
    TREE.find(cases.list_trees, STAFF, TreePage, tree_summary),
)
