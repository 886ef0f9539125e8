"""What runs on this machine, as kept in `.local/stack.json`: how `tandem` finds it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from services.assembly.registry import FIRST_GRPC, FIRST_INTERNAL, FIRST_REST, SERVICES

DISTRICT = "lakewood"
SECOND_DISTRICT = "brookfield"


def local_folder() -> Path:
    """`.local` of the working folder, or where TANDEM_LOCAL says."""
    return Path(os.environ.get("TANDEM_LOCAL", ".local")).resolve()


@dataclass(frozen=True)
class PortNumbers:
    rest: int
    grpc: int
    internal: int

    @classmethod
    def free(cls) -> PortNumbers:
        return cls(_pick_port(), _pick_port(), _pick_port())


@dataclass(frozen=True)
class Stack:
    """Addresses of a local stack. `people` maps a demo role (`coach`, `teacher`, `admin`)
    to a roster id of the first district; `gateway` is the port that all services share."""

    kafka: str
    mongodb: str
    ports: dict[str, PortNumbers]
    people: dict[str, str] = field(default_factory=dict)
    gateway: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.gateway}"

    def rest(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service].rest}"

    def grpc(self, service: str) -> str:
        return f"127.0.0.1:{self.ports[service].grpc}"

    def internal(self, service: str) -> str:
        return f"http://127.0.0.1:{self.ports[service].internal}"

    def save(self, folder: Path) -> None:
        path = folder / "stack.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=2) + "\n")
        new.replace(path)


def forget_stack(folder: Path) -> None:
    """Nothing runs here any more."""
    (folder / "stack.json").unlink(missing_ok=True)


def load_stack(folder: Path) -> Stack | None:
    """The stack that runs here; None if none does, or the file is unreadable. One that was
    killed is still named here until the next start."""
    try:
        content = json.loads((folder / "stack.json").read_text())
        ports = {name: PortNumbers(**each) for name, each in content["ports"].items()}
        people, gateway = content.get("people", {}), content.get("gateway", 0)
        return Stack(content["kafka"], content["mongodb"], ports, people, gateway)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def pick_ports() -> dict[str, PortNumbers]:
    """The default ports where they are free, others where they are taken."""
    return {
        service: PortNumbers(
            _pick_port(FIRST_REST + i), _pick_port(FIRST_GRPC + i), _pick_port(FIRST_INTERNAL + i)
        )
        for i, service in enumerate(SERVICES)
    }


def _pick_port(preferred: int | None = None) -> int:
    from services.ctl.engines.ports import pick_port  # brings the engines' clients with it

    return pick_port(preferred)
