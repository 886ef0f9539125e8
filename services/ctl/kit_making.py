"""What a program, and the trees and measures beside it, are made of, read by a district's APIs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.chassis.fields import Body
from services.ctl.exits import Exit, Refused, Stop
from services.ctl.kits import Json, kept
from services.goals.measure.cases import StateMeasure
from services.goals.strategy.cases import WriteStrategy
from services.goals.tree.bodies import TreeSaid
from services.observations.tool.cases import DraftTool
from services.programs.program.bodies import DraftProgram
from services.surveys.instrument.bodies import DraftInstrument

if TYPE_CHECKING:
    from services.ctl.client import ApiClient


UNPUBLISHED = ("draft", "withdrawn", "private")


@dataclass(frozen=True, slots=True)
class KitWanted:
    """Ids in the district that the kit is made from."""

    programs: Sequence[str] = ()
    trees: Sequence[str] = ()
    tools: Sequence[str] = ()
    instruments: Sequence[str] = ()
    strategies: Sequence[str] = ()


@dataclass(slots=True)
class KitMaking:
    api: ApiClient
    token: str
    district: str
    parts: dict[str, list[Json]] = field(default_factory=dict)

    async def read(self, wanted: KitWanted) -> Json:
        """The parts of a kit: what is wanted and what its trees offer, each once; and what the
        measures mean that they name, where the district says it. Raises Stop."""
        trees = {each: await self._said("goals", "trees", each, TreeSaid) for each in wanted.trees}
        steps = [step for tree in trees.values() for step in tree["steps"]]
        tools = dict.fromkeys([*wanted.tools, *_offered(steps, "tool_ids")])
        strategies = dict.fromkeys([*wanted.strategies, *_offered(steps, "strategy_ids")])
        named = {
            "tool_ids": await self._all("observations", "tools", "tool", tools, DraftTool),
            "strategy_ids": await self._all(
                "goals", "strategies", "strategy", strategies, WriteStrategy
            ),
        }
        await self._all("surveys", "instruments", "instrument", wanted.instruments, DraftInstrument)
        for step in steps:
            for name, ids in named.items():
                step[name] = [ids[each] for each in step[name]]
        self.parts["trees"] = _numbered("tree", trees.values())
        await self._all("programs", "programs", "program", wanted.programs, DraftProgram)
        success = [c for p in self.parts["programs"] for c in p["says"]["success_criteria"]]
        measures = [*_offered(steps, "measure_ids"), *(each["measure_id"] for each in success)]
        self.parts["measures"] = await self._measures(dict.fromkeys(filter(None, measures)))
        return self.parts

    async def _all(
        self, service: str, noun: str, one: str, ids: Iterable[str], model: type[Body]
    ) -> dict[str, str]:
        """The part of each id."""
        found = {each: await self._said(service, noun, each, model) for each in ids}
        self.parts[noun] = _numbered(one, found.values())
        names = [each["part_id"] for each in self.parts[noun]]
        return dict(zip(found, names, strict=True))

    async def _measures(self, codes: Iterable[str]) -> list[Json]:
        """Of those that the district has stated: goals may name others, too."""
        found: list[Json] = []
        for each in codes:
            try:
                says = await self._said("goals", "measures", each, StateMeasure)
            except Refused as refused:
                if refused.status != 404:
                    raise
            else:
                found.append({"measure_id": each, "says": says})
        return found

    async def _said(self, service: str, noun: str, id_: str, model: type[Body]) -> Any:
        path = f"/{noun}/{quote(id_, safe='')}"
        answer = await self.api.send(self.token, "GET", service, path, district=self.district)
        state = answer.body.get("state")
        if noun != "programs" and state in UNPUBLISHED:
            raise Stop(Exit.REFUSED, f"{noun} {id_}: it is {state}, not published")
        return kept(model, answer.body)


def _offered(steps: Iterable[Any], name: str) -> list[str]:
    return [each for step in steps for each in step[name]]


def _numbered(one: str, said: Iterable[Json]) -> list[Json]:
    return [{"part_id": f"{one}-{number}", "says": each} for number, each in enumerate(said, 1)]
