"""A teacher's goals, page by page, and progress on the first that is active.

python goals.py VALUE    with TANDEM_GOALS (host:port), TANDEM_TOKEN and TEACHER in the environment
"""

import os
import sys

from coaching.goals.v1 import goal_events_pb2, goal_pb2, goal_pb2_grpc
from tandem_client import Client, TandemError


def main(value: float) -> int:
    with Client(os.environ["TANDEM_GOALS"], os.environ["TANDEM_TOKEN"]) as tandem:
        stub = goal_pb2_grpc.GoalsServiceStub(tandem.channel)
        asked = goal_pb2.ListGoalsRequest(teacher_id=os.environ["TEACHER"], page_size=1)
        goals = [goal for page in tandem.pages(stub.ListGoals, asked) for goal in page.goals]
        active = [each for each in goals if each.state == goal_events_pb2.GOAL_STATE_ACTIVE]
        print(f"{len(goals)} goals, {len(active)} of them active")
        if not active:
            return 1
        progress = goal_pb2.RecordProgressRequest(goal_id=active[0].goal_id, value=value)
        try:
            changed = tandem.call(stub.RecordProgress, progress)
        except TandemError as error:
            print(error.code, error.detail, [each.field for each in error.fields], sep=": ")
            return 1
        print(f"{changed.measure_id} is now {changed.current:g}")
        return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
