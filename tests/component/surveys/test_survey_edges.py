"""The surveys service as it is called: over REST and over gRPC, on memory adapters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import grpc
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from coaching.surveys.v1 import administration_pb2 as pb
from coaching.surveys.v1 import instrument_pb2
from services.chassis.metrics import Metrics
from services.chassis.tracing import Tracer
from services.ctl.demo.instruments import INSTRUMENTS
from tests.support.edges import as_
from tests.support.survey_doors import (
    V1,
    post,
    responses,
    rest,
    rpc,
    scheduled,
)
from tests.support.survey_examples import CLASS, COACH, TEACHER
from tests.support.surveys import ADMIN, Service

ANSWERS = [
    {"item_id": "heard", "value": 5},
    {"item_id": "missed", "value": 5},
    {"item_id": "explained", "value": 5},
    {"item_id": "changed", "value": 3},
    {"item_id": "alone", "value": 1},
]


async def test_a_survey_from_its_measure_to_its_results_over_rest() -> None:
    async with rest(Service()) as client:
        survey = await scheduled(client)
        path = f"{V1}/administrations/{survey}"
        keyed = as_(TEACHER, **{"Idempotency-Key": "k-1"})
        first = await client.post(f"{path}/open", json={"seats": 12}, headers=keyed)
        again = await client.post(f"{path}/open", json={"seats": 12}, headers=keyed)
        codes = first.json()["codes"]
        assert (len(codes), again.json()["codes"]) == (12, codes)
        assert again.headers["idempotency-replayed"] == "true"
        for code in codes:
            body = {"code": code, "answers": ANSWERS}
            for _ in range(2):  # no Authorization, and safe to send again
                sent = await client.post(responses(survey), json=body)
                assert (sent.status_code, sent.content) == (204, b"")
        shown = (await client.get(path, headers=as_(COACH))).json()
        assert (shown["state"], shown["expected_n"], shown["results"]) == ("open", 12, None)
        assert not any(code in str(shown) for code in codes)
        closed = await post(client, f"/administrations/{survey}/close", TEACHER)
        results = closed["results"]
        assert (results["suppressed"], results["small_n"]) == (False, 10)
        assert (results["n_min"], results["n_max"]) == (10, 14)
        by_item = {each["item_id"]: each for each in results["items"]}
        assert by_item["alone"]["favorable_share"] == 0.75
        assert by_item["changed"] == {
            "item_id": "changed",
            "n_min": 10,
            "n_max": 14,
            "favorable_share": 0.25,
        }
        listed = await client.get(
            f"{V1}/administrations", params={"teacher_id": TEACHER}, headers=as_(COACH)
        )
        assert listed.json()["administrations"] == [closed]


async def test_an_unknown_code_says_the_same_wherever_it_is_tried() -> None:
    async with rest(Service()) as client:
        survey = await scheduled(client)
        body = {"code": "0000-0000-0000", "answers": ANSWERS}
        seen = set()
        for url in (responses(survey), responses(survey, "south"), responses("none")):
            problem = (await client.post(url, json=body)).json()
            seen.add((problem["status"], problem["code"], problem["detail"]))
        await post(client, f"/administrations/{survey}/open", TEACHER, {})
        problem = (await client.post(responses(survey), json=body)).json()
        seen.add((problem["status"], problem["code"], problem["detail"]))
        assert len(seen) == 1
        assert next(iter(seen))[:2] == (404, "unknown_code")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"code": ""}, "/code"),
        ({"code": "canary" * 9}, "/code"),
        ({"answers": [{"item_id": "canary", "value": 1}]}, "/answers/0/item_id"),
        ({"answers": [{"item_id": "heard", "value": 9}]}, "/answers/0/value"),
        ({"answers": [{"item_id": "heard", "value": True}]}, "/answers/0/value"),
        ({"answers": [{"item_id": "heard", "value": 1.5}]}, "/answers/0/value"),
        ({"answers": [{"item_id": "heard", "value": 1}] * 2}, "/answers/1/item_id"),
        ({"answers": [{"item_id": "heard", "value": 1}] * 51}, "/answers"),
        ({"answers": []}, "/answers"),
        ({"canary": 1}, ""),
    ],
)
async def test_bad_answers_are_named_and_not_repeated(change: dict[str, Any], pointer: str) -> None:
    async with rest(Service()) as client:
        survey = await scheduled(client)
        opened = await post(client, f"/administrations/{survey}/open", TEACHER, {})
        body = {"code": opened["codes"][0], "answers": ANSWERS, **change}
        answer = await client.post(responses(survey), json=body)
        assert answer.status_code == 422
        assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
        assert "canary" not in answer.text


async def test_a_survey_opens_without_a_body() -> None:
    async with rest(Service()) as client:
        survey = await scheduled(client)
        path = f"{V1}/administrations/{survey}/open"
        answer = await client.post(path, headers=as_(TEACHER))
        assert (answer.status_code, len(answer.json().get("codes", ()))) == (200, 20)


async def test_a_blank_sheet_is_refused_and_uses_up_no_code() -> None:
    service = Service()
    async with rest(service) as client, rpc(service) as stub:
        survey = await scheduled(client)
        path = f"/administrations/{survey}"
        codes = (await post(client, f"{path}/open", TEACHER, {}))["codes"][:10]
        for code in [*codes, "0000-0000-0000"]:  # by the body alone
            blank = {"code": code, "answers": []}
            told = await client.post(responses(survey), json=blank)
            assert (told.status_code, told.json()["errors"][0]["pointer"]) == (422, "/answers")
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.SubmitResponse(
                    pb.SubmitResponseRequest(
                        district_id="north", administration_id=survey, code=code
                    )
                )
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        for code in codes:
            meant = {"code": code, "answers": ANSWERS}
            assert (await client.post(responses(survey), json=meant)).status_code == 204
        results = (await post(client, f"{path}/close", TEACHER))["results"]
        assert (results["n_min"], results["favorable_share"]) == (10, 0.75)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: str(each["title"]))
async def test_the_demo_instruments_are_instruments(instrument: dict[str, Any]) -> None:
    async with rest(Service()) as client:
        made = await post(client, "/instruments", TEACHER, instrument)
        await post(client, f"/instruments/{made['instrument_id']}/publish", TEACHER)
        found = await client.get(f"{V1}/instruments", headers=as_(ADMIN))
        (listed,) = found.json()["instruments"]
        assert (listed["state"], listed["title"]) == ("published", instrument["title"])
        assert listed["item_ids"] == [each["item_id"] for each in instrument["items"]]
        found = await client.get(f"{V1}/instruments/{listed['instrument_id']}", headers=as_(ADMIN))
        assert found.json()["scales"] == instrument["scales"]


async def test_the_same_over_grpc() -> None:
    meta = (("authorization", f"Bearer {TEACHER}"),)
    async with rpc(Service()) as stub:
        draft = instrument_pb2.DraftInstrumentRequest(
            title="Today", validation_status="local", license="Apache-2.0", request_id="r-1"
        )
        draft.scales.add(
            scale_id="zero", kind="numeric", values=[0, 1], labels=["no", "yes"], favorable_from=1
        )
        draft.items.add(
            item_id="i1", text="?", construct_id="c", source="s", license="l", scale_id="zero"
        )
        measure = await stub.DraftInstrument(draft, metadata=meta)
        assert await stub.DraftInstrument(draft, metadata=meta) == measure
        measure_id = measure.instrument_id
        changed = instrument_pb2.ChangeInstrumentRequest(
            instrument_id=measure_id, etag=measure.etag
        )
        published = await stub.PublishInstrument(changed, metadata=meta)
        one = instrument_pb2.GetInstrumentRequest(instrument_id=measure_id)
        found = await stub.GetInstrument(one, metadata=meta)
        assert found == published
        every = await stub.ListInstruments(instrument_pb2.ListInstrumentsRequest(), metadata=meta)
        (listed,) = every.instruments
        assert (listed.item_ids, listed.title, listed.etag) == (["i1"], found.title, found.etag)
        made = await stub.ScheduleAdministration(
            pb.ScheduleAdministrationRequest(
                instrument_id=measure_id, teacher_id=TEACHER, class_id=CLASS
            ),
            metadata=meta,
        )
        survey = made.administration_id
        opened = await stub.OpenAdministration(
            pb.OpenAdministrationRequest(administration_id=survey), metadata=meta
        )
        assert len(opened.codes) == 20
        for code in opened.codes:
            request = pb.SubmitResponseRequest(
                district_id="north", administration_id=survey, code=code
            )
            request.answers.add(item_id="i1", value=1)
            await stub.SubmitResponse(request)
        closed = await stub.CloseAdministration(
            pb.ChangeAdministrationRequest(administration_id=survey), metadata=meta
        )
        results = closed.results
        assert (results.n_min, results.n_max, results.favorable_share) == (20, 29, 0.85)
        get = pb.GetAdministrationRequest(administration_id=survey)
        assert await stub.GetAdministration(get, metadata=meta) == closed
        hers = await stub.ListAdministrations(
            pb.ListAdministrationsRequest(teacher_id=TEACHER), metadata=meta
        )
        assert list(hers.administrations) == [closed]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.SubmitResponse(request)
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND


class Spans(SpanExporter):
    def __init__(self) -> None:
        self.names: list[str] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.names += [span.name for span in spans]
        return SpanExportResult.SUCCESS


def told(metrics: Metrics) -> list[bytes]:
    """All but what the process as such uses, of which every node tells anyway."""
    return [line for line in metrics.exposition().splitlines() if not line.startswith(b"process_")]


async def test_nothing_that_is_measured_tells_how_many_have_answered() -> None:
    service, metrics, spans = Service(), Metrics(), Spans()
    tracer = Tracer("surveys", ratio=1.0, exporter=spans)
    watched: Any = {"metrics": metrics, "tracer": tracer}
    async with rest(service, **watched) as client, rpc(service, **watched) as stub:
        survey = await scheduled(client)
        codes = (await post(client, f"/administrations/{survey}/open", TEACHER, {}))["codes"]
        before = told(metrics)
        for code in [*codes[:3], "0000-0000-0000"]:
            answer = await client.post(responses(survey), json={"code": code, "answers": ANSWERS})
            assert answer.status_code in (204, 404)
            form = f"{V1}/districts/north/administrations/{survey}/form"
            assert (await client.get(form)).status_code == 200
        for code in codes[3:6]:
            await stub.SubmitResponse(
                pb.SubmitResponseRequest(
                    district_id="north",
                    administration_id=survey,
                    code=code,
                    answers=[pb.Answer(item_id="heard", value=5)],
                )
            )
            await stub.GetForm(pb.GetFormRequest(district_id="north", administration_id=survey))
        with pytest.raises(grpc.aio.AioRpcError):
            await stub.SubmitResponse(pb.SubmitResponseRequest(district_id="north", code="0"))
        assert told(metrics) == before
    tracer.stop()
    assert "POST /surveys/v1/administrations" in spans.names
    assert not [name for name in spans.names if re.search("esponse|[Ff]orm$|^(POST|GET)$", name)]
