"""What becomes of a district's programs and circles when its school year turns."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from services.ctl.client import ApiClient
from services.ctl.exits import Refused
from services.ctl.kits import kept
from services.programs.program.bodies import DraftProgram

_NAMESPACE = uuid.UUID("5b1f3c52-2f0f-5d52-9a0e-6d8a6a2f7c11")
_OPEN = ("enrolling", "active")
_OF_ITS_OWN = ("school_year", "session_id", "stages", "template")
_SAID = [each for each in DraftProgram.model_fields if each not in _OF_ITS_OWN]


@dataclass(slots=True)
class YearTurning:
    """`to_year`: the new school year, by the year it ends in. With `carry_over` False, or
    `dry_run`, nothing is written."""

    api: ApiClient
    token: str
    district: str
    to_year: int
    carry_over: bool
    dry_run: bool
    left_out: int = 0  # that could not be read
    _active: dict[str, bool] = field(default_factory=dict)

    async def programs(self) -> list[dict[str, Any]]:
        """Each of the old year with what becomes of it: a draft of the new year, led by the same
        people, where it is open or runs. Enrollments end with their program: how many there are is
        told. Raises Stop."""
        old = await self._pages("programs", self.to_year - 1)
        there = {each["name"] for each in await self._pages("programs", self.to_year)}
        return [await self._program(each, there) for each in sorted(old, key=_by_name)]

    async def circles(self) -> list[dict[str, Any]]:
        """Each that is not over, with what becomes of it: who is of one has joined for herself, and
        for its year. Raises Stop."""
        found = await self._pages("circles", self.to_year - 1)
        return [
            {
                "circle_id": each["circle_id"],
                "kind": each["kind"],
                "becomes": "ends_with_its_year",
                "carried_over": False,
            }
            for each in found
            if each["state"] != "ended"
        ]

    async def _program(self, old: Mapping[str, Any], there: set[str]) -> dict[str, Any]:
        told = {"program_id": old["program_id"], "name": old["name"], "state": old["state"]}
        if old["state"] not in _OPEN:
            return {**told, "becomes": old["state"], "carried_over": False}
        size = await self._read("programs", f"{_path(old)}/size")
        told = {**told, "enrolled_count": size["enrolled_count"]}
        if old["name"] in there:
            return {**told, "becomes": "already_there", "carried_over": False}
        if not self.carry_over:
            return {**told, "becomes": "not_carried_over", "carried_over": False}
        leads = [each["lead_id"] for each in old["leads"]]
        if not all([await self._is_active(each) for each in leads]):
            return {**told, "becomes": "unknown_lead", "carried_over": False}
        if self.dry_run:
            return {**told, "becomes": "draft", "carried_over": True}
        try:
            made = await self._draft(await self._read("programs", _path(old)), leads)
        except Refused as refused:
            return {**told, "becomes": refused.problem, "carried_over": False}
        new = {"to_program_id": made["program_id"]}
        return {**told, "becomes": made["state"], "carried_over": True, **new}

    async def _draft(self, old: Mapping[str, Any], leads: list[str]) -> Any:
        """By the same shipped template, as it is now, or by the process of its own; without the
        session of its cohort, which is of the old year."""
        said = {name: old[name] for name in _SAID if name in old}
        process = {"template": old["template"]} if old["template"] else kept(DraftProgram, old)
        body = {**process, **said, "lead_ids": leads, "school_year": self.to_year}
        key = str(uuid.uuid5(_NAMESPACE, f"{self.district}:{old['program_id']}:{self.to_year}"))
        answer = await self.api.send(
            self.token, "POST", "programs", "/programs", body, key=key, district=self.district
        )
        return answer.body

    async def _is_active(self, person: str) -> bool:
        if person not in self._active:
            try:
                found = await self._read("roster", f"/people/{quote(person, safe='')}")
            except Refused as refused:
                if refused.status != 404:
                    raise
                found = {"status": "unknown"}
            self._active[person] = found["status"] == "active"
        return self._active[person]

    async def _pages(self, noun: str, year: int) -> list[Any]:
        found, page = list[Any](), ""
        while True:
            body = await self._read(
                "programs", f"/{noun}", {"school_year": year, "page_size": 200, "page_token": page}
            )
            found += body[noun]
            self.left_out += body["left_out"]
            page = body["next_page_token"]
            if not page:
                return found

    async def _read(self, service: str, path: str, asked: Mapping[str, Any] | None = None) -> Any:
        params = {name: value for name, value in (asked or {}).items() if value}
        answer = await self.api.send(
            self.token, "GET", service, path, params=params, district=self.district
        )
        return answer.body


def _path(program: Mapping[str, Any]) -> str:
    return f"/programs/{quote(program['program_id'], safe='')}"


def _by_name(program: Mapping[str, Any]) -> tuple[str, str]:
    return program["name"], program["program_id"]
