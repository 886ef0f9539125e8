"""What the doctor says, and what he is given to look at."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from services.chassis.engine_settings import EngineSettings
    from services.chassis.log.connections import Proof
    from services.chassis.mongo import Database

KAFKA, MONGODB = "kafka", "mongodb"


class Verdict(enum.StrEnum):
    RIGHT = "right"
    WATCH = "watch"  # it works, and will not always, or not as well as it should
    WRONG = "wrong"
    UNSEEN = "unseen"  # nothing is known of it


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `about` is a service, a topic, a view...; `do` what an operator does about it,
    empty where nothing is to be done. `facts` are numbers and names of the deployment (JSON-able).
    Nothing in it is a secret, a person or what somebody wrote."""

    check: str
    about: str
    state: Verdict
    told: str
    do: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        head = f"{self.state:<7}{self.check:<14}{self.about and f'{self.about}: '}{self.told}"
        return f"{head}. Do: {self.do}" if self.do else head

    def as_json(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "about": self.about,
            "state": str(self.state),
            "told": self.told,
            "do": self.do,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Case:
    """A deployment as one process of it is told of it. `databases`: service -> database; `urls`:
    service -> base address, of those that are to be asked; `trusted`: service -> for how many
    seconds it believes what it knows of who may see what. `patience`: for so many seconds a
    view may catch up, and who does not answer is asked again."""

    settings: EngineSettings
    databases: Mapping[str, str]
    urls: Mapping[str, str]
    trusted: Mapping[str, float]
    districts_file: str
    stores: Mapping[str, Database]
    proof: Callable[[], Proof]
    now: Callable[[], datetime]
    patience: float

    @property
    def uri(self) -> str:
        return self.settings.mongodb_uri.get_secret_value()

    @property
    def servers(self) -> str:
        return self.settings.kafka_bootstrap_servers

    @property
    def production(self) -> bool:
        return self.settings.environment == "production"


Look = Callable[[Case, str], AsyncIterator[Finding]]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`look` is called with the name of a service where `each`, else with an empty one. It may
    raise whatever it likes. `needs`: engines without whose answer there is nothing to see.
    `again`: such a finding may be that nobody was reached, so that it is looked at again."""

    name: str
    look: Look
    each: bool = False
    needs: tuple[str, ...] = ()
    again: Verdict | None = None
