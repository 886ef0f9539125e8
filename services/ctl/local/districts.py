"""The districts file of a local stack: made at each start, from an own one where there is one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from services.access.days import Days
from services.access.districts import load_districts
from services.chassis.settings import BadSettings
from services.ctl.exits import Exit, Stop
from services.ctl.local import keys
from services.ctl.local.stack import DISTRICT, SECOND_DISTRICT

NAME = "districts.yaml"
DEMO: dict[str, dict[str, Any]] = {
    DISTRICT: {"time_zone": "America/Los_Angeles"},
    SECOND_DISTRICT: {"time_zone": "Pacific/Honolulu"},
}
HEADER = """\
# Made by `tandem up` at each start: what is changed here is lost.
# For districts of your own write a file of this kind and start with DISTRICTS_FILE=<that file>.
"""


def said_by(path: str, *, demo: bool) -> dict[str, dict[str, Any]]:
    """What the stack is told of its districts: by an own file, if a path is given, and, with
    `demo` or without a file, of the demo districts that it does not name. Raises Stop USAGE."""
    if not path:
        return DEMO
    try:
        own = load_districts(path, "development").by_name
    except BadSettings as error:
        raise Stop(Exit.USAGE, str(error)) from None
    said = {name: each.model_dump(mode="json", exclude_unset=True) for name, each in own.items()}
    for each in said.values():
        for issuer in each.get("issuers", ()):
            if "jwks_file" in issuer:  # the services run in another folder
                issuer["jwks_file"] = str(Path(issuer["jwks_file"]).resolve())
        if each.get("oneroster"):
            secret = Path(each["oneroster"]["client_secret_file"])
            each["oneroster"]["client_secret_file"] = str(secret.resolve())
    if not said and not demo:
        raise Stop(Exit.USAGE, f"{path}: it names no district")
    return {**(DEMO if demo else {}), **said}


def days_of(folder: Path) -> Days:
    """The days of the districts of the local stack in this folder."""
    return Days(load_districts(str(folder / NAME), "development"))


def write_districts(folder: Path, said: Mapping[str, Mapping[str, Any]]) -> Path:
    """The file, after writing into it what is said of each district, with the development
    issuers of each besides its own. Makes the key pair if there is none yet."""
    public = keys.ensure_key(folder / "keys")
    districts = {}
    for name, each in said.items():
        ours = keys.issuers(public, name)
        names = {issuer["issuer"] for issuer in ours}
        own = [issuer for issuer in each.get("issuers", ()) if issuer["issuer"] not in names]
        districts[name] = {**each, "issuers": [*own, *ours]}
    path = folder / NAME
    new = path.with_suffix(".new")
    new.write_text(HEADER + yaml.safe_dump({"districts": districts}, sort_keys=False))
    new.replace(path)
    return path
