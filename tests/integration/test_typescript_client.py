"""The TypeScript client: generated and compiled strictly, it does what it says before a server of
the test's own, and its package is whole. `make` says where its compiler cannot be had."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import pytest

from services.ctl.typescript import IN_PAGE, fetch_in_page, pack
from tests.support.typescript import MODULES, built, compile_blocks, run, there

TSC = "node_modules/typescript/bin/tsc"
USER = """
import { Problem, tandem, type Schemas } from "@tandem/client";

const api = tandem({ baseUrl: "http://127.0.0.1:9", patience: 0 });
export const me = (): Promise<{ data: Schemas["Me"] }> => api.get("/roster/v1/me");
await me().catch((error: unknown) => console.log(error instanceof Problem, `${error}`));
"""
# Types of pages are told in comments; the client that they load has its own where it is compiled.
OF_PAGES = """{ "compilerOptions": {
  "allowJs": true, "checkJs": true, "strict": true, "noEmit": true, "target": "ES2022", "types": [],
  "module": "ES2022", "moduleResolution": "bundler", "lib": ["ES2022", "DOM", "DOM.Iterable"] },
  "include": ["*.js"] }
"""
SETTINGS = """{ "compilerOptions": {
  "strict": true, "exactOptionalPropertyTypes": true, "noUncheckedIndexedAccess": true,
  "target": "ES2022", "module": "NodeNext", "lib": ["ES2022", "DOM"], "types": [] } }
"""


def test_a_right_program_compiles_and_a_wrong_field_path_or_body_does_not() -> None:
    if there():
        run(built(), TSC, "--project", "test")  # each line that must not compile says so


def test_it_repeats_refuses_pages_and_follows_as_it_says() -> None:
    if there():
        package = built()
        tests = sorted(str(each) for each in (package / "test").glob("*.test.mjs"))
        assert len(tests) == 4
        run(package, "--test", "--test-timeout=60000", "--test-force-exit", *tests)


def test_what_it_stands_on_is_beside_it_in_the_page_of_a_local_stack() -> None:
    if there():
        assert (IN_PAGE / "openapi-fetch.js").read_text() == fetch_in_page()


def test_the_page_of_a_local_stack_is_right_by_its_types(tmp_path: Path) -> None:
    pages = sorted(IN_PAGE.parent.glob("*.js"))
    assert len(pages) == 9
    assert all(each.read_text().startswith("// @ts-check\n") for each in pages)
    if there():
        for each in pages:
            shutil.copy(each, tmp_path)
        (tmp_path / "client").symlink_to(built() / "dist")
        (tmp_path / "node_modules").symlink_to(MODULES)
        (tmp_path / "tsconfig.json").write_text(OF_PAGES)
        compiler = str(MODULES / "typescript/bin/tsc")
        run(tmp_path, compiler, "--project", ".")
        wrong = (tmp_path / "caseload.js").read_text().replace("given_name", "first_name")
        (tmp_path / "caseload.js").write_text(wrong)
        with pytest.raises(AssertionError, match="first_name"):
            run(tmp_path, compiler, "--project", ".")


def test_its_page_compiles() -> None:
    if there():
        package = built()
        compile_blocks(package, package / "README.md")


def test_its_package_is_whole(tmp_path: Path) -> None:
    """Unpacked into another project, which compiles and runs with it and openapi-fetch alone."""
    if there():
        assert pack(built(), tmp_path)
        [packed] = tmp_path.glob("*.tgz")
        home = tmp_path / "node_modules/@tandem"
        home.mkdir(parents=True)
        with tarfile.open(packed) as files:
            files.extractall(home, filter="data")
        (home / "package").rename(home / "client")
        assert {each.name for each in (home / "client").iterdir()} == {
            "LICENSE",
            "README.md",
            "dist",
            "package.json",
        }
        for name in ("openapi-fetch", "openapi-typescript-helpers"):
            (tmp_path / "node_modules" / name).symlink_to(MODULES / name)
        (tmp_path / "package.json").write_text('{ "type": "module" }')
        (tmp_path / "tsconfig.json").write_text(SETTINGS)
        (tmp_path / "user.ts").write_text(USER)
        run(tmp_path, str(MODULES / "typescript/bin/tsc"), "--project", ".")
        assert run(tmp_path, "user.js").startswith("false TypeError")
