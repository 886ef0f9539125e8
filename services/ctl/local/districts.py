"""The districts file of a local stack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from services.access.days import Days
from services.access.districts import load_districts
from services.ctl.local import keys
from services.ctl.local.stack import DISTRICT, SECOND_DISTRICT

NAME = "districts.yaml"
DEMO: dict[str, dict[str, Any]] = {
    DISTRICT: {"time_zone": "America/Los_Angeles"},
    SECOND_DISTRICT: {"time_zone": "Pacific/Honolulu"},
}


def days_of(folder: Path) -> Days:
    """The days of the districts of the local stack in this folder."""
    return Days(load_districts(str(folder / NAME), "development"))


def write_districts(folder: Path, said: Mapping[str, Mapping[str, Any]]) -> Path:
    """The file, after writing into it what is said of each district, with the development
    issuers of each. Makes the key pair if there is none yet."""
    public = keys.ensure_key(folder / "keys")
    districts = {
        name: {**each, "issuers": keys.issuers(public, name)} for name, each in said.items()
    }
    path = folder / NAME
    new = path.with_suffix(".new")
    new.write_text(yaml.safe_dump({"districts": districts}, sort_keys=False))
    new.replace(path)
    return path
