"""A framework as CASE 1.1 has it, in words of our own."""

from __future__ import annotations

from typing import Any

from services.goals.framework import case_file

CASE = case_file
DOCUMENT = "7a1e5c52-0000-4000-8000-00000000000d"


def guid(number: int) -> str:
    return f"7a1e5c52-0000-4000-8000-{number:012d}"


def package(count: int) -> dict[str, Any]:
    """The first of its items hangs from the document, the others from the first."""

    def node(identifier: str) -> dict[str, str]:
        return {"identifier": identifier, "title": "", "uri": f"urn:uuid:{identifier}"}

    return {
        "CFDocument": {
            "identifier": DOCUMENT.upper(),
            "uri": f"urn:uuid:{DOCUMENT}",
            "creator": "Written for this test",
            "title": "Mathematics, grade 7",
            "version": "2026",
            "lastChangeDateTime": "2026-01-01T00:00:00Z",
        },
        "CFItems": [
            {
                "identifier": guid(number),
                "uri": f"urn:uuid:{guid(number)}",
                "humanCodingScheme": f"M.7.{number}",
                "fullStatement": f"Explain why {number}.",
                "CFItemType": "Standard",
                "educationLevel": ["07"],
            }
            for number in range(1, count + 1)
        ],
        "CFAssociations": [
            {
                "identifier": guid(1_000_000 + number),
                "associationType": "isChildOf",
                "originNodeURI": node(guid(number)),
                "destinationNodeURI": node(DOCUMENT if number == 1 else guid(1)),
            }
            for number in range(1, count + 1)
        ]
        + [{"identifier": guid(2_000_000), "associationType": "exactMatchOf"}],
        "CFDefinitions": {"CFSubjects": []},
    }
