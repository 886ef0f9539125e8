"""What npm installs, and what the TypeScript client takes for granted of the OpenAPI documents."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.ctl.typescript import DOCUMENTS, IN_PAGE, PACKAGE, in_page

ROOT = Path(__file__).parents[2]
LOCKS = ["clients/typescript", "tests/browser", "tests/openapi", "tests/readers"]
# Of what is shipped none is but MIT; the others only compile it.
PERMISSIVE = {"MIT", "Apache-2.0", "ISC", "Python-2.0", "(MIT OR CC0-1.0)"}


def packages(folder: str) -> dict[str, Any]:
    lock = json.loads((ROOT / folder / "package-lock.json").read_text())
    return {name: each for name, each in lock["packages"].items() if name}


@pytest.mark.parametrize("folder", LOCKS)
def test_a_lock_pins_what_is_installed_and_names_no_host(folder: str) -> None:
    wanted = json.loads((ROOT / folder / "package.json").read_text())
    direct = {**wanted["dependencies"], **wanted.get("devDependencies", {})}
    locked = packages(folder)
    for name, version in direct.items():
        assert locked[f"node_modules/{name}"]["version"] == version
    for name, each in locked.items():
        assert each["integrity"].startswith("sha512-"), name
        assert "resolved" not in each, name


def test_the_client_needs_openapi_fetch_alone_and_nothing_that_is_not_permissive() -> None:
    locked = packages("clients/typescript")
    shipped = {name for name, each in locked.items() if not each.get("dev")}
    assert shipped == {"node_modules/openapi-fetch", "node_modules/openapi-typescript-helpers"}
    assert {locked[each]["license"] for each in shipped} == {"MIT"}
    assert {each["license"] for each in locked.values()} <= PERMISSIVE
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("path", sorted(DOCUMENTS.glob("*.json")), ids=lambda path: path.stem)
def test_a_page_has_one_array_and_methods_are_those_of_the_client(path: Path) -> None:
    document = json.loads(path.read_text())
    schemas = document["components"]["schemas"]
    for path_, each in document["paths"].items():
        content = each.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").split("/")[-1]
        fields = schemas.get(name, {}).get("properties", {})
        if "next_page_token" in fields:
            arrays = [field for field, told in fields.items() if told.get("type") == "array"]
            assert len(arrays) == 1, path_
    methods = {method for each in document["paths"].values() for method in each}
    assert methods <= {"get", "post", "put", "patch", "delete"}


def test_the_page_of_a_local_stack_has_the_client_as_it_is() -> None:
    made = in_page()
    assert "tandem" in made["index.js"]
    if os.environ.get("GOLDEN") == "write":
        for name, text in made.items():
            (IN_PAGE / name).write_text(text)
    kept = {each.name: each.read_text() for each in IN_PAGE.iterdir()}
    assert kept.pop("openapi-fetch.js")
    assert kept == made, "run: python -m services.ctl.typescript page"
    assert not [name for name, text in made.items() if 'from "openapi-fetch"' in text]
