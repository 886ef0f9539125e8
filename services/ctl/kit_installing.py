"""A kit put into a district by its APIs: what is new is drafted and published, and of what there is
nothing is changed. Each part has a key of its own, so that what broke off is gone on with."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.ctl.exits import Exit, Refused, Stop
from services.ctl.kits import Kit

if TYPE_CHECKING:
    from services.ctl.client import ApiClient

_NAMESPACE = uuid.UUID("0f0a7f3c-7a63-4a43-9a3c-5b7e0a0c8d11")
_TWICE = "idempotency_key_reused"
# Of each kind of part: service, noun and its singular, and whether it is published at once.
_KINDS = {
    "tool": ("observations", "tools", True),
    "instrument": ("surveys", "instruments", True),
    "strategy": ("goals", "strategies", True),
    "tree": ("goals", "trees", True),
    "program": ("programs", "programs", False),  # whoever leads it says when
}
_UNPUBLISHED = ("draft", "private")


@dataclass(frozen=True, slots=True)
class Became:
    """What became, or would become, of a part. `id`: in the district; empty: it has none yet."""

    part: str
    title: str
    became: str
    id: str = ""


@dataclass(slots=True)
class KitInstalling:
    """`digest`: what names the kit, and with the part's name and the district the key."""

    api: ApiClient
    token: str
    district: str
    digest: str
    dry_run: bool = False
    ids: dict[str, str] = field(default_factory=dict)

    async def install(self, kit: Kit) -> list[Became]:
        """Raises Stop where a measure means something else in the district, before anything is
        changed; and Refused as the services do, after which a further try goes on."""
        missing = [each for each in kit.measures if not await self._is_stated(each)]
        found = [
            Became(each.measure_id, each.says.title, "there already")
            for each in kit.measures
            if each not in missing
        ]
        for each in missing:
            if not self.dry_run:
                body = each.says.model_dump(mode="json")
                await self._send(
                    "PUT", "goals", f"/measures/{quote(each.measure_id, safe='')}", body
                )
            found.append(Became(each.measure_id, each.says.title, self._done("stated")))
        for part in kit.parts():
            body = part.says.model_dump(mode="json")
            title = body.get("title") or body["name"]
            found.append(await self._part(part.part_id, title, body))
        return found

    async def _part(self, part: str, title: str, body: Any) -> Became:
        service, noun, published = _KINDS[part.rpartition("-")[0]]
        did = "published" if published else "drafted"
        if self.dry_run:
            return Became(part, title, self._done(did))
        for step in body.get("steps", ()):
            for name in ("tool_ids", "strategy_ids"):
                step[name] = [self.ids[each] for each in step[name]]
        key = str(uuid.uuid5(_NAMESPACE, f"{self.digest}:{self.district}:{part}"))
        made = await self._send("POST", service, f"/{noun}", _sent(body), key)
        id_ = self.ids[part] = str(made[f"{part.rpartition('-')[0]}_id"])
        path = f"/{noun}/{quote(id_, safe='')}"
        state = (await self._send("GET", service, path))["state"]
        if published and state in _UNPUBLISHED:
            state = (await self._send("POST", service, f"{path}/publish"))["state"]
        return Became(part, title, state, id_)

    async def _is_stated(self, measure: Any) -> bool:
        path = f"/measures/{quote(measure.measure_id, safe='')}"
        try:
            there = await self._send("GET", "goals", path)
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        says = measure.says.model_dump(mode="json")
        for name in ("unit", "direction"):
            if there[name] != says[name]:
                told = f"{name} is {there[name]} in the district and {says[name]} in the kit"
                raise Stop(
                    Exit.REFUSED, f"measure {measure.measure_id}: {told}; nothing was changed"
                )
        return True

    def _done(self, what: str) -> str:
        return f"would be {what}" if self.dry_run else what

    async def _send(
        self, method: str, service: str, path: str, body: Any = None, key: str = ""
    ) -> Any:
        answer = await self.api.send(
            self.token, method, service, path, body, key=key, district=self.district
        )
        return answer.body


def _sent(body: Any) -> Any:
    """Without what was left out, which stays as the service has it."""
    return {name: value for name, value in body.items() if value is not None}


def lines(found: list[Became]) -> Iterator[str]:
    for each in found:
        of = f" {each.id}" if each.id else ""
        yield f"{each.part}: {each.became}{of}: {each.title}"
