"""A partner's program: a district's staff, and what has happened to its goals.

python journal.py    with TANDEM_ROSTER and TANDEM_GOALS (host:port) in the environment, and in
                     TANDEM_TOKEN a partner's token with the scopes roster.read and journal.read
"""

import os
from collections import Counter

from coaching.journal.v1 import journal_pb2, journal_pb2_grpc
from coaching.roster.v1 import person_pb2, person_pb2_grpc
from tandem_client import Client, event_of


def main() -> None:
    token = os.environ["TANDEM_TOKEN"]
    with Client(os.environ["TANDEM_ROSTER"], token) as roster:
        people = person_pb2_grpc.PeopleServiceStub(roster.channel)
        asked = person_pb2.ListPeopleRequest(page_size=10)
        names = [one for page in roster.pages(people.ListPeople, asked) for one in page.people]
        print(f"{len(names)} people")
    with Client(os.environ["TANDEM_GOALS"], token) as goals:
        stub = journal_pb2_grpc.JournalServiceStub(goals.channel)
        types: Counter[str] = Counter()
        for batch in goals.journal(stub.ReadJournal, journal_pb2.ReadJournalRequest(batch_size=2)):
            for record in batch.records:
                event = event_of(record.type, record.data)
                if event is not None:  # else of a newer service
                    types[event.DESCRIPTOR.name] += 1
        for name, number in sorted(types.items()):
            print(f"{number} {name}")


if __name__ == "__main__":
    main()
