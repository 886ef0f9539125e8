"""What the image holds is enough, and no more than a district may be given."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.docker.licenses import LOCK, licenses, locked, refused
from tests.deploy.dockerfile import ROOT

# Imports all of our code as in the image: nothing but the locked dependencies is there.
IMPORTS_ALL = """
import json, pkgutil, sys
from importlib.metadata import packages_distributions
kept, engines = set(json.loads(sys.argv[1])), tuple(json.loads(sys.argv[2]))
tops = {
    top for top, names in packages_distributions().items()
    if not kept & {name.lower().replace("_", "-").replace(".", "-") for name in names}
} - {"services", "coaching"}

class NotInTheImage:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in tops:
            raise ImportError(f"{name} is not in the image")

sys.meta_path.insert(0, NotInTheImage())
import services
names = [each.name for each in pkgutil.walk_packages(services.__path__, "services.")]
for name in names:
    if not name.startswith(engines) and not name.endswith("__main__"):
        __import__(name)
print(len(names))
"""
# For a checkout: the local stack with its engines and its one address, and generating code.
FOR_A_CHECKOUT = tuple(
    f"services.ctl.{each}" for each in ("engines", "gateway", "generate", "local.running", "protos")
)


def test_the_lock_is_complete() -> None:
    names = {canonicalize_name(name) for name in locked()}
    missing = {
        f"{name} needs {requirement}"
        for name in names
        for requirement in map(Requirement, distribution(name).requires or ())
        if (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
        and canonicalize_name(requirement.name) not in names
    }
    assert not missing


def test_the_lock_holds_what_the_project_asks_for_and_nothing_for_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = dict(each.split("==") for each in project["dependencies"])
    assert asked.items() <= locked().items()
    for others in project["optional-dependencies"].values():
        assert not {re.split(r"[=;\[]", each)[0] for each in others} & locked().keys()


def test_tests_run_with_the_versions_that_are_in_the_image() -> None:
    assert locked().items() <= locked(ROOT / "requirements/dev.lock").items()


def test_every_wheel_has_a_hash_and_no_place() -> None:
    text = LOCK.read_text()
    assert "://" not in text
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in entry, entry


def test_every_license_is_allowed() -> None:
    assert {name: said for name, said in licenses().items() if refused(said)} == {}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ("GPL-3.0-only", True),
        ("MIT AND GPL-3.0-only", True),
        ("", True),
        ("UNKNOWN", True),
    ],
)
def test_a_license_that_is_not_would_be_seen(expression: str, expected: bool) -> None:
    assert refused(expression) is expected


def test_all_of_our_code_runs_on_what_is_in_the_image() -> None:
    kept = json.dumps([canonicalize_name(name) for name in locked()])
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS_ALL, kept, json.dumps(FOR_A_CHECKOUT)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 200
