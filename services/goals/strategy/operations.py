"""What callers may do with strategies: all staff write their own and see the district's; who
coaches or administers publishes hers for the district."""

from __future__ import annotations

from coaching.goals.v1 import strategy_pb2, strategy_pb2_grpc
from services.access.policy import Policy
from services.chassis.edge.noun import Noun
from services.chassis.edge.operation import Late, Table
from services.goals.strategy import cases
from services.goals.strategy.cases import Ports
from services.goals.strategy.domain import Strategy
from services.goals.strategy.resources import StrategyPage, strategy_resource, strategy_summary

STAFF = Policy(staff=True)
PUBLISHES = Policy(coaching=True, district_admin=True)

STRATEGY: Noun[Ports, Strategy] = Noun(
    "/strategies/{strategy_id}",
    lambda ports: ports.strategies,
    strategy_resource,
    names=lambda ports: ports.names,
)
OPERATIONS: Table[Ports, Policy] = Table(
    "goals",
    strategy_pb2.DESCRIPTOR.services_by_name["StrategiesService"],
    strategy_pb2_grpc.add_StrategiesServiceServicer_to_server,
    STRATEGY.create(cases.write_strategy, STAFF),
    STRATEGY.change(cases.revise_strategy, STAFF, "revise", versioned=True, when=cases.revising),
    STRATEGY.move(Strategy.publish, PUBLISHES, when=Strategy.check_private),
    STRATEGY.move(Strategy.withdraw, STAFF, when=Strategy.check_private, late=Late.WINS),
    STRATEGY.change(cases.retire_strategy, STAFF, "retire", when=cases.retiring, late=Late.WINS),
    STRATEGY.get(STAFF),
    STRATEGY.find(cases.list_strategies, STAFF, StrategyPage, strategy_summary),
)
