"""Tandem's services over gRPC: what the generated stubs in `coaching` leave to their caller.

    from coaching.goals.v1 import goal_pb2, goal_pb2_grpc
    from tandem_client import Client

    with Client("https://tandem.example.org", token) as tandem:
        goals = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
        goal = tandem.call(goals.GetGoal, goal_pb2.GetGoalRequest(goal_id="..."))

`tandem_client.aio.Client` is the same for asyncio.
"""

from tandem_client.blocking import Client
from tandem_client.errors import FieldError, TandemError
from tandem_client.events import event_of
from tandem_client.offline import created_id
from tandem_client.retry import Retry

__all__ = ["Client", "FieldError", "Retry", "TandemError", "created_id", "event_of"]
