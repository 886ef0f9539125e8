"""A partner's program: a district's goals as they change.

python follow.py [FILE]    with TANDEM_GOALS (host:port) in the environment, and in TANDEM_TOKEN a
                           partner's token with the scope goals.journal.read. FILE keeps the
                           position: the program goes on from there when it is started again.
"""

import os
import sys
from pathlib import Path

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from tandem_client import Client, event_of


def main() -> None:
    kept = Path(sys.argv[1] if len(sys.argv) > 1 else "position.txt")
    newest: dict[str, int] = {}
    with Client(os.environ["TANDEM_GOALS"], os.environ["TANDEM_TOKEN"]) as goals:
        stub = journal_pb2_grpc.JournalServiceStub(goals.channel)
        place = kept.read_text() if kept.exists() else ""
        asked = journal_pb2.FollowEventsRequest(position=place)
        for answer in goals.follow_events(stub.FollowEvents, asked):
            for record in answer.records:
                if newest.get(record.aggregate_id, 0) >= record.version:
                    continue  # it has come before
                newest[record.aggregate_id] = record.version
                event = event_of(record.type, record.data)
                if event is not None:  # else of a newer service
                    name = event.DESCRIPTOR.name
                    print(f"{name} {record.aggregate_id} {record.version}", flush=True)
            _keep(kept, answer.position)


def _keep(kept: Path, position: str) -> None:
    """Replaces the file at once: who is killed while it is written finds the place before."""
    new = kept.with_name(kept.name + ".new")
    new.write_text(position)
    new.replace(kept)


if __name__ == "__main__":
    main()
