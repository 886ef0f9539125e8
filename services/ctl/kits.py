"""A program kit as a file: what a district's program is made of, for another district, signed by
whoever made it; as docs/program-kits.md says it. It names nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from services.chassis.base64url import decode
from services.chassis.ed25519 import is_signed, public_key, sign
from services.chassis.fields import Body, Code, Line, Text
from services.chassis.kernel import Fault
from services.ctl.exits import Exit, Stop
from services.goals.measure.cases import StateMeasure
from services.goals.strategy.cases import WriteStrategy
from services.goals.tree.bodies import TreeSaid
from services.goals.tree.steps import check_steps
from services.observations.tool.cases import DraftTool
from services.privacy.policy.outline import canonical, digest
from services.programs.program.bodies import DraftProgram
from services.surveys.instrument.bodies import DraftInstrument

FORMAT: Literal["tandem-kit-1"] = "tandem-kit-1"
MOST_BYTES = 8_000_000
MOST_PARTS = 200  # of a kind
KEY_BYTES = 32
Json = Mapping[str, Any]
B = TypeVar("B", bound=Body)
PartId = Annotated[str, StringConstraints(pattern=r"^[a-z]+-[1-9][0-9]{0,2}$")]
Instant = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# What is each district's own: people, its year and its money.
OWN = {"lead_ids", "school_year", "session_id", "template", "retired",
       "cost_per_coach_hour", "currency", "funding_source"}  # fmt: skip


class MeasurePart(Body):
    measure_id: Code
    says: StateMeasure


class ToolPart(Body):
    part_id: PartId
    says: DraftTool


class InstrumentPart(Body):
    part_id: PartId
    says: DraftInstrument


class StrategyPart(Body):
    part_id: PartId
    says: WriteStrategy


class TreePart(Body):
    """Its steps offer tools and strategies by their `part_id`."""

    part_id: PartId
    says: TreeSaid


class ProgramPart(Body):
    part_id: PartId
    says: DraftProgram


class Parent(Body):
    """The kit that this one was made from."""

    name: Line
    version: Code
    sha256: Sha256


Part = ToolPart | InstrumentPart | StrategyPart | TreePart | ProgramPart


class Kit(Body):
    """What is signed. `made_at`: RFC 3339."""

    format: Literal["tandem-kit-1"]
    name: Line
    version: Code
    license: Code
    about: Text
    made_at: Instant
    parent: Parent | None
    measures: list[MeasurePart] = Field(max_length=MOST_PARTS)
    tools: list[ToolPart] = Field(max_length=MOST_PARTS)
    instruments: list[InstrumentPart] = Field(max_length=MOST_PARTS)
    strategies: list[StrategyPart] = Field(max_length=MOST_PARTS)
    trees: list[TreePart] = Field(max_length=MOST_PARTS)
    programs: list[ProgramPart] = Field(max_length=MOST_PARTS)

    def parts(self) -> Iterator[Part]:
        """All that get an id of their own, in the order in which they are installed."""
        yield from self.tools
        yield from self.instruments
        yield from self.strategies
        yield from self.trees
        yield from self.programs


def kept(model: type[B], found: Any) -> Any:
    """Of what a service answers what such a body says, at every depth, without what is OWN."""
    if not isinstance(found, Mapping):
        return found
    said = {}
    for name, field in model.model_fields.items():
        if name not in found or name in OWN:
            continue
        inner = _body_in(field.annotation)
        value = found[name]
        if inner is not None and isinstance(value, Sequence):
            value = [kept(inner, each) for each in value]
        said[name] = value
    return said


def _body_in(annotation: Any) -> type[Body] | None:
    """The body that a list of bodies holds."""
    for each in getattr(annotation, "__args__", ()):
        if isinstance(each, type) and issubclass(each, Body):
            return each
    return None


def digest_of(kit: Json) -> str:
    """What names a kit: the SHA-256 of what is signed."""
    return digest(canonical(kit))


def document_of(kit: Json, private: str) -> Json:
    """Raises ValueError for what is no private key."""
    return {"kit": kit, "key": public_key(private), "signature": sign(canonical(kit), private)}


def read_kit(place: Path, key: str = "") -> tuple[Kit, Json]:
    """What a file says, and the document, once it is by this key, or by its own where none is
    given. Raises Stop with the first place that is wrong."""
    wanted = _raw_key(key)
    try:
        if place.stat().st_size > MOST_BYTES:
            raise Stop(Exit.USAGE, f"{place}: it is larger than {MOST_BYTES} bytes")
        found = json.loads(place.read_text(encoding="utf-8"))
        raw, by, signature = found["kit"], found["key"], found["signature"]
        held = is_signed(canonical(raw), by, signature)
    except OSError as error:
        raise Stop(Exit.NOT_FOUND, f"{place}: {error.strerror}") from None
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise Stop(Exit.REFUSED, f"{place}: it is no kit") from None
    if not held:
        raise Stop(Exit.REFUSED, f"{place}: it is not what was signed")
    if key and decode(by) != wanted:
        told = f"it is signed by {by}, and not by {key}, the key that you gave"
        raise Stop(Exit.REFUSED, f"{place}: {told}: ask whoever made it for theirs")
    try:
        kit = checked(raw)
    except ValueError as error:
        raise Stop(Exit.REFUSED, f"{place}: kit.{error}") from None
    return kit, found


def _raw_key(key: str) -> bytes:
    """Empty where none is given."""
    try:
        raw = decode(key)
    except ValueError:
        raw = b"?"
    if len(raw) not in (0, KEY_BYTES):
        told = f"{key} is no public key: it is one line of 43 characters, as `keygen` prints it"
        raise Stop(Exit.USAGE, f"--key: {told}")
    return raw


def checked(raw: Any) -> Kit:
    """Raises ValueError with the first place that is wrong."""
    try:
        kit = Kit.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    known = [each.part_id for each in kit.parts()]
    for each in known:
        if known.count(each) > 1:
            raise ValueError(f"{each}: it is there twice")
    for index, program in enumerate(kit.programs):
        if any(program.says.model_dump()[name] for name in OWN & program.says.model_fields_set):
            raise ValueError(f"programs.{index}.says: it says what is a district's own")
    for index, tree in enumerate(kit.trees):
        _check_tree(kit, tree.says, f"trees.{index}.says")
    return kit


def _check_tree(kit: Kit, tree: TreeSaid, where: str) -> None:
    tools, strategies = ({each.part_id for each in some} for some in (kit.tools, kit.strategies))
    try:
        check_steps(tree.tree_steps())
    except Fault as fault:
        raise ValueError(f"{where}{fault.place.replace('/', '.')}: {fault.detail}") from None
    for number, step in enumerate(tree.steps):
        for name, offered, there in (
            ("tool_ids", step.tool_ids, tools),
            ("strategy_ids", step.strategy_ids, strategies),
        ):
            if missing := [each for each in offered if each not in there]:
                raise ValueError(f"{where}.steps.{number}.{name}: {missing[0]} is not in the kit")
