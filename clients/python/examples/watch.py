"""A coach's caseload as it changes, until Ctrl-C.

python watch.py    with TANDEM_INSIGHTS (host:port) and TANDEM_TOKEN in the environment
"""

import asyncio
import os

from coaching.insights.v1 import caseload_pb2, caseload_pb2_grpc
from tandem_client.aio import Client

Kind = caseload_pb2.WatchCaseloadResponse


async def main() -> None:
    entries: dict[str, caseload_pb2.CaseloadEntry] = {}
    async with Client(os.environ["TANDEM_INSIGHTS"], os.environ["TANDEM_TOKEN"]) as tandem:
        stub = caseload_pb2_grpc.CaseloadsServiceStub(tandem.channel)
        request = caseload_pb2.WatchCaseloadRequest(coach_id="me")
        async for message in tandem.watch(stub.WatchCaseload, request):
            if message.kind == Kind.KIND_RESET:
                entries.clear()
                print(f"reset: {message.entry_count} entries follow", flush=True)
            elif message.kind == Kind.KIND_ENTRY:
                entries[message.teacher_id] = message.entry
                goals = ", ".join(f"{each.current:g}" for each in message.entry.open_goals)
                flags = ", ".join(each.code for each in message.entry.flags)
                print(f"entry {message.teacher_id}: flags {flags}; goals {goals}", flush=True)
            elif message.kind == Kind.KIND_GONE:
                entries.pop(message.teacher_id, None)
                print(f"gone {message.teacher_id}: {len(entries)} left", flush=True)
            elif message.kind == Kind.KIND_ORDER:
                print(f"order: {', '.join(message.teacher_ids)}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
