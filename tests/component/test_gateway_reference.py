"""What the one address has for those who build on Tandem."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from unittest.mock import Mock

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.assembly.registry import SERVICES, TOPICS
from services.ctl.gateway import reference
from services.ctl.gateway.joined import joined
from services.ctl.gateway.reference import page
from tests.support.gateways import gateway

GOLDEN = Path(__file__).parents[1] / "contract/golden/openapi"


async def _document(request: Request) -> Response:
    service = request.path_params["service"]
    return Response((GOLDEN / f"{service}.json").read_bytes(), media_type="application/json")


DOCUMENTED = Starlette(routes=[Route("/{service}/openapi.json", _document)])


async def test_one_document_has_all_apis() -> None:
    async with gateway(DOCUMENTED) as client:
        whole = (await client.get("/openapi.json")).json()
    alone = [json.loads((GOLDEN / f"{each}.json").read_text()) for each in SERVICES]
    assert whole["paths"].keys() == set[str]().union(*(each["paths"] for each in alone))


async def test_the_document_of_all_apis_is_sent_small_and_once_to_who_keeps_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Mock(side_effect=joined)
    monkeypatch.setattr(reference, "joined", made)
    reference._joined.cache_clear()
    async with gateway(DOCUMENTED) as client:
        first = await client.get("/openapi.json")
        assert first.headers["content-encoding"] == "gzip"
        seen = {"If-None-Match": first.headers["etag"]}
        again = await client.get("/openapi.json", headers=seen)
        other = await client.get("/openapi.json", headers={"If-None-Match": '"other"'})
    assert (again.status_code, again.content) == (304, b"")
    assert (other.status_code, other.content) == (200, first.content)
    assert made.call_count == 1


async def test_without_a_service_there_is_no_document_and_it_says_so() -> None:
    async with gateway(DOCUMENTED, down=["surveys"]) as client:
        answer = await client.get("/openapi.json")
    assert (answer.status_code, answer.json()["code"]) == (502, "service_down")
    assert "/surveys/openapi.json" in answer.json()["detail"]


async def test_the_page_of_all_apis_asks_nobody_else() -> None:
    async with gateway(DOCUMENTED) as client:
        docs = await client.get("/docs")
        assert "'unsafe" not in docs.headers["content-security-policy"]
        assets = re.findall(r'(?:src|href)="(/[^"]*\.(?:js|css|svg))"', docs.text)
        assert "/renderer/swagger-ui-bundle.js" in assets
        for each in assets:
            assert (await client.get(each)).status_code == 200, each
    assert "http" not in docs.text


async def test_the_page_of_events_leads_to_their_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with gateway(DOCUMENTED) as client:
        assert 'href="asyncapi.json"' in (await client.get("/events")).text
        document = await client.get("/asyncapi.json")
        assert document.headers["content-type"] == "application/json"
        assert {each["address"] for each in document.json()["channels"].values()} == {*TOPICS}
        monkeypatch.setattr(reference, "DOCS", tmp_path)
        assert (await client.get("/asyncapi.json")).status_code == 404


async def test_pages_of_the_docs_are_shown_with_the_anchors_that_link_to_them() -> None:
    async with gateway(DOCUMENTED) as client:
        errors, events = await client.get("/errors"), await client.get("/events")
        other, none = await client.get("/calling.md"), await client.get("/nothing.md")
    assert '<h3 id="stale_version">stale_version</h3>' in errors.text
    assert '<h2 id="coachinggoalsv1">' in events.text
    assert "unsafe" not in errors.headers["content-security-policy"]
    assert (other.status_code, none.status_code) == (200, 404)
    for shown in (errors, events):
        ids = re.findall(r'id="([^"]+)"', shown.text)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'href="#([^"]+)"', shown.text)) <= set(ids)


async def test_a_page_is_rendered_once_until_it_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rendered = Mock(side_effect=page)
    monkeypatch.setattr(reference, "page", rendered)
    monkeypatch.setattr(reference, "DOCS", tmp_path)
    (tmp_path / "one.md").write_text("# One\n")
    async with gateway(DOCUMENTED) as client:
        for _ in range(3):
            assert "One" in (await client.get("/one.md")).text
        assert rendered.call_count == 1
        (tmp_path / "one.md").write_text("# Two\n")
        os.utime(tmp_path / "one.md", ns=(1, 1))
        assert "Two" in (await client.get("/one.md")).text
    assert rendered.call_count == 2


@pytest.mark.parametrize("odd", ["%00", "%0A", "%FF", "%2e%2e%2fREADME", "a" * 300, "*", "[a-z]*"])
async def test_no_name_of_a_page_is_an_error_of_ours(odd: str) -> None:
    async with gateway(DOCUMENTED) as client:
        for path in (f"/{odd}.md", f"/architecture{odd}.md", f"/pages/{odd}", f"/renderer/{odd}"):
            assert (await client.get(path)).status_code == 404, path


def test_a_page_is_text_and_not_what_its_text_says() -> None:
    shown = page("# <script>alert(1)</script> & `{body}`\n\n<img src=x onerror=y> {title}\n")
    assert "<script>alert" not in shown
    assert "<img" not in shown
