"""What a student is asked: whoever makes her page reads it without an account, and nothing of whose
survey it is. Over both doors, on memory adapters."""

from __future__ import annotations

from typing import Any

import grpc
import httpx2
import pytest

from coaching.surveys.v1 import administration_pb2 as pb
from services.ctl.demo.instruments import TALKING_TOGETHER
from services.surveys.administration.form import get_form
from tests.component.surveys.test_survey_flow import CountingDocuments
from tests.support.edges import as_
from tests.support.survey_doors import V1, post, responses, rest, rpc, scheduled
from tests.support.survey_examples import AGREE, CLASS, FACES, ITEMS, TEACHER
from tests.support.surveys import Service, call, open_it, opened
from tests.support.surveys import scheduled as planned


def form(survey: str, district: str = "north") -> str:
    return f"{V1}/districts/{district}/administrations/{survey}/form"


async def _told(client: httpx2.AsyncClient, path: str) -> tuple[Any, ...]:
    """All that tells one answer from another."""
    told = await client.get(path)
    said = told.json()
    for name in ("trace_id", "instance"):  # as `x-request-id`: each request has its own
        said.pop(name, None)
    shown = {name: value for name, value in told.headers.items() if name != "x-request-id"}
    return told.status_code, said, shown


async def test_a_student_answers_by_what_the_form_says_alone() -> None:
    async with rest(Service()) as client:
        survey = await scheduled(client)
        codes = (await post(client, f"/administrations/{survey}/open", TEACHER, {}))["codes"]
        for code in codes:
            asked = (await client.get(form(survey))).json()
            highest = {scale["scale_id"]: max(scale["values"]) for scale in asked["scales"]}
            answers = [
                {"item_id": item["item_id"], "value": highest[item["scale_id"]]}
                for item in asked["items"]
            ]
            sheet = {"code": code, "answers": answers}
            assert (await client.post(responses(survey), json=sheet)).status_code == 204
        closed = await post(client, f"/administrations/{survey}/close", TEACHER)
        assert closed["results"]["n_min"] == 20


async def test_it_says_what_is_asked_and_nothing_else() -> None:
    """Neither whose survey it is, nor what an answer counts for."""
    service = Service()
    survey, _ = await opened(service)
    silent = {"audio_address": None, "audio_license": None}
    items: list[Any] = [
        {"item_id": each.id, "text": each.text, "scale_id": each.scale_id, **silent}
        for each in ITEMS
    ]
    scales: list[Any] = [
        {
            "scale_id": each.id,
            "kind": each.kind.value,
            "values": list(each.values),
            "labels": list(each.labels),
        }
        for each in (AGREE, FACES)
    ]
    async with rest(service) as client, rpc(service) as stub:
        answer = await client.get(form(survey))
        how = {"language": "es-MX", "languages": ["es-MX"], "minutes": 4}
        assert answer.json() == {"title": "Today", "items": items, "scales": scales, **how}
        told = await stub.GetForm(pb.GetFormRequest(district_id="north", administration_id=survey))
        assert told == pb.Form(
            title="Today",
            items=[pb.FormItem(**each) for each in items],
            scales=[pb.FormScale(**each) for each in scales],
            language="es-MX",
            minutes=4,
            languages=["es-MX"],
        )


SPANISH: dict[str, Any] = {
    "language": "es",
    "title": "Hablar y pensar juntos hoy",
    "items": [
        {
            "item_id": each["item_id"],
            "text": f"En español: {each['text']}",
            "audio": {"address": f"https://a.example/{each['item_id']}.mp3", "license": "CC0-1.0"},
        }
        for each in TALKING_TOGETHER["items"]
    ],
    "scales": [{"scale_id": "agreement", "labels": ["Nada", "Poco", "Medio", "Mucho", "Todo"]}],
}


async def test_it_is_had_in_each_of_its_languages_and_answered_in_any() -> None:
    body = {**TALKING_TOGETHER, "translations": [SPANISH]}
    async with rest(Service()) as client:
        measure = (await post(client, "/instruments", TEACHER, body))["instrument_id"]
        await post(client, f"/instruments/{measure}/publish", TEACHER)
        asked = {"instrument_id": measure, "teacher_id": TEACHER, "class_id": CLASS}
        made = await post(client, "/administrations", TEACHER, asked)
        survey = made["administration_id"]
        await post(client, f"/administrations/{survey}/open", TEACHER, {})
        own, other, unknown, wrong = [
            await client.get(form(survey), params=params)
            for params in ({}, {"language": "es"}, {"language": "fr"}, {"language": "a b"})
        ]
    assert own.json()["languages"] == other.json()["languages"] == ["en", "es"]
    assert unknown.json() == own.json()
    assert wrong.status_code == 422
    assert (other.json()["title"], other.json()["language"]) == (SPANISH["title"], "es")
    for name in ("item_id", "scale_id"):
        assert [each[name] for each in other.json()["items"]] == [
            each[name] for each in own.json()["items"]
        ]
    assert other.json()["items"][0]["audio_address"] == "https://a.example/heard.mp3"
    assert own.json()["items"][0]["audio_address"] is None
    assert other.json()["scales"][0]["labels"] == SPANISH["scales"][0]["labels"]
    assert other.json()["scales"][0]["values"] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "address", ["http://a.example/i1.mp3", "javascript:alert(1)", "https://a b", "https://"]
)
async def test_what_is_heard_is_at_an_address_that_a_page_may_load(address: str) -> None:
    item = {
        **TALKING_TOGETHER["items"][0],
        "audio": {"address": address, "license": "CC0-1.0"},
    }
    async with rest(Service()) as client:
        body = {**TALKING_TOGETHER, "items": [item]}
        refused = await client.post(f"{V1}/instruments", json=body, headers=as_(TEACHER))
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/items/0/audio/address"]


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("language", "es-MX", 201),
        ("language", "zh-Hant", 201),
        ("language", None, 201),
        ("language", "English", 422),
        ("language", "en_US", 422),
        ("language", "", 422),
        ("minutes", 60, 201),
        ("minutes", 0, 422),
        ("minutes", 61, 422),
    ],
)
async def test_an_instrument_says_its_language_and_how_long_it_takes(
    name: str, value: object, status: int
) -> None:
    async with rest(Service()) as client:
        body = {**TALKING_TOGETHER, name: value}
        made = await client.post(f"{V1}/instruments", json=body, headers=as_(TEACHER))
        assert made.status_code == status
        if status == 201:
            assert made.json()[name] == value
        else:
            assert [each["pointer"] for each in made.json()["errors"]] == [f"/{name}"]


async def test_a_token_makes_no_difference() -> None:
    service = Service()
    survey, _ = await opened(service)
    async with rest(service) as client:
        plain = (await client.get(form(survey))).json()
        for who in (TEACHER, "nobody", "admin-1@south"):
            assert (await client.get(form(survey), headers=as_(who))).json() == plain


async def test_a_survey_that_is_not_open_is_answered_as_one_that_there_is_not() -> None:
    service = Service()
    async with rest(service) as client, rpc(service) as stub:
        before = await planned(service)
        closed = await scheduled(client)
        await post(client, f"/administrations/{closed}/open", TEACHER, {})
        await post(client, f"/administrations/{closed}/close", TEACHER)
        cancelled = await scheduled(client)
        await post(client, f"/administrations/{cancelled}/cancel", TEACHER)
        open_now, _ = await opened(service)
        missing = await _told(client, form("nowhere"))
        assert (missing[0], missing[1]["code"]) == (404, "not_found")
        hidden = [("north", before), ("north", closed), ("north", cancelled)]
        hidden += [("south", open_now), ("nowhere", open_now), ("north", "nowhere")]
        for district, survey in hidden:
            assert await _told(client, form(survey, district)) == missing
            request = pb.GetFormRequest(district_id=district, administration_id=survey)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await stub.GetForm(request)
            assert caught.value.code() is grpc.StatusCode.NOT_FOUND
            assert caught.value.details() == "There is no such resource."


async def test_it_is_the_same_as_long_as_it_is_open_and_while_it_is_opened_again() -> None:
    service = Service()
    survey = await planned(service)
    async with rest(service) as client:
        await open_it(service, survey, 10)
        first = await _told(client, form(survey))
        await open_it(service, survey, 20)
        assert await _told(client, form(survey)) == first
        assert (await post(client, f"/administrations/{survey}/close", TEACHER))["results"][
            "suppressed"
        ]
        assert (await _told(client, form(survey)))[0] == 404
        await post(client, f"/administrations/{survey}/reopen", TEACHER)
        assert await _told(client, form(survey)) == first


async def test_a_browser_keeps_it_for_a_minute_and_a_refusal_not_at_all() -> None:
    service = Service()
    survey, _ = await opened(service)
    async with rest(service) as client:
        kept = [(await client.get(form(each))).headers["cache-control"] for each in (survey, "no")]
        assert kept == ["private, max-age=60", "no-store"]


async def test_it_costs_one_read_once_the_instrument_is_known() -> None:
    documents = CountingDocuments()
    service = Service(documents=documents)
    survey, _ = await opened(service)
    reads = []
    for _ in range(3):
        documents.reads = 0
        await get_form(service.ports, call("get_form", ""), survey)
        reads.append(documents.reads)
    assert reads == [2, 1, 1]
