"""The OpenAPI documents, as redocly and spectral read them: nothing is found in any of them, nor in
the one of all services."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from services.ctl.gateway.joined import joined
from tests.support.openapi_lint import findings, there
from tests.support.platform import Platform


def test_two_linters_find_nothing_in_any_document(tmp_path: Path) -> None:
    documents: dict[str, Any] = {
        name: each.app.openapi_schema for name, each in Platform().services.items()
    }
    paths = []
    for name, document in {**documents, "joined": joined(documents)}.items():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(document))
        paths.append(path)
    if there():  # `make` says so where they could not be had
        assert findings(paths) == []
