"""While a survey is open nobody finds out who has answered, or what: not even who knows a code.

Two surveys are asked the same: one whose seats are empty, one whose seats are filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import httpx2
import pytest

from coaching.surveys.v1 import administration_pb2 as pb
from services.chassis.write.documents import Document
from services.chassis.write.memory_documents import MemoryDocuments
from tests.support.edges import as_
from tests.support.survey_doors import V1, post, responses, rest, rpc, scheduled
from tests.support.survey_examples import COACH, TEACHER
from tests.support.surveys import Service, opened

SHEET = [{"item_id": "heard", "value": 5}]
TRIED: Mapping[str, Sequence[dict[str, Any]]] = {
    "the same": SHEET,
    "another value": [{"item_id": "heard", "value": 4}],
    "more": [*SHEET, {"item_id": "alone", "value": 1}],
    "blank": [],
    "not of the scale": [{"item_id": "heard", "value": 9}],
    "not asked": [{"item_id": "canary", "value": 5}],
    "twice": SHEET * 2,
}
KEYS = (None, "k-1", "k-2")


async def _opened(client: httpx2.AsyncClient) -> tuple[str, list[str]]:
    survey = await scheduled(client)
    return survey, (await post(client, f"/administrations/{survey}/open", TEACHER, {}))["codes"]


async def _answer(
    client: httpx2.AsyncClient, survey: str, code: str, answers: Any, key: str | None = None
) -> tuple[Any, ...]:
    """All that tells one answer from another."""
    headers = {"Idempotency-Key": key} if key else {}
    sent = {"code": code, "answers": answers}
    told = await client.post(responses(survey), json=sent, headers=headers)
    said = told.json() if told.content else {}
    for name in ("trace_id", "instance"):  # as `x-request-id`: each request has its own
        said.pop(name, None)
    shown = {name: value for name, value in told.headers.items() if name != "x-request-id"}
    return told.status_code, said, shown


@pytest.mark.parametrize("tried", TRIED)
@pytest.mark.parametrize("key", KEYS)
async def test_an_answer_is_answered_alike_whether_the_seat_was_empty_or_filled(
    tried: str, key: str | None
) -> None:
    async with rest(Service()) as client:
        survey, codes = await _opened(client)
        filled, empty = codes[:2]
        assert (await _answer(client, survey, filled, SHEET, "k-1"))[0] == 204
        for _ in range(3):  # the second time both are filled; nothing shows it
            told = [await _answer(client, survey, code, TRIED[tried], key) for code in codes[:2]]
            assert told[0] == told[1]
        assert filled != empty


@pytest.mark.parametrize("tried", TRIED)
async def test_it_is_so_over_grpc_too(tried: str) -> None:
    service = Service()
    survey, codes = await opened(service)
    items = {"heard": "i1", "alone": "i2", "canary": "canary"}

    async def answer(stub: Any, code: str, answers: Any) -> object:
        request = pb.SubmitResponseRequest(district_id="north", administration_id=survey, code=code)
        for each in answers:
            request.answers.add(item_id=items[each["item_id"]], value=each["value"])
        try:
            return await stub.SubmitResponse(request)
        except grpc.aio.AioRpcError as error:
            return error.code(), error.details()

    async with rpc(service) as stub:
        assert await answer(stub, codes[0], SHEET) == pb.SubmitResponseResponse()
        told = [await answer(stub, code, TRIED[tried]) for code in codes[:2]]
        assert told[0] == told[1]


async def test_no_other_operation_shows_that_a_seat_was_filled() -> None:
    async with rest(Service()) as client:
        survey, codes = await _opened(client)

        async def shown() -> list[Any]:
            told = []
            for person in (TEACHER, COACH):
                for path in (
                    f"/administrations/{survey}",
                    f"/administrations?teacher_id={TEACHER}",
                ):
                    found = await client.get(f"{V1}{path}", headers=as_(person))
                    told.append((found.status_code, found.json(), found.headers.get("etag")))
            return told

        before = await shown()
        for code in codes[:12]:
            assert (await _answer(client, survey, code, SHEET))[0] == 204
            assert await shown() == before


class CountingDocuments(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def get(self, district: str, kind: str, id: str) -> Document | None:
        self.reads += 1
        return await super().get(district, kind, id)


@pytest.mark.parametrize("tried", TRIED)
async def test_it_costs_the_same_commands_too(tried: str) -> None:
    """And without a code it costs the same whether or not there is such a survey."""
    steps: list[str] = []
    documents = CountingDocuments()
    async with rest(Service(before=steps.append, documents=documents)) as client:
        survey, codes = await _opened(client)
        planned = await scheduled(client)
        await _answer(client, survey, codes[0], SHEET)

        async def cost(place: str, code: str) -> tuple[int, list[str]]:
            documents.reads = 0
            steps.clear()
            await _answer(client, place, code, TRIED[tried])
            return documents.reads, list(steps)

        assert await cost(survey, codes[0]) == await cost(survey, codes[1])
        nothing = [await cost(place, "0000-0000-0000") for place in (survey, planned, "none")]
        reads = 0 if tried == "blank" else 1  # a blank sheet is refused by itself
        assert nothing == [(reads, [])] * 3
