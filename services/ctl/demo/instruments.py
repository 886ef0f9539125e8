"""Two instruments, short practical measures, each as the body of `POST /surveys/v1/instruments`.

Written for this project, in its own words, Apache-2.0. They ask about one lesson, in terms
of what a student notices in it; nobody has validated them, and they say so.
"""

from __future__ import annotations

from typing import Any

_SOURCE = "Written for Tandem"
_LICENSE = "Apache-2.0"


def _item(item_id: str, scale_id: str, construct: str, text: str, **more: bool) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "text": text,
        "construct_id": construct,
        "source": _SOURCE,
        "license": _LICENSE,
        "scale_id": scale_id,
        **more,
    }


TALKING_TOGETHER: dict[str, Any] = {
    "title": "Talking and thinking together today",
    "validation_status": "local",
    "license": _LICENSE,
    "language": "en",
    "minutes": 3,
    "scales": [
        {
            "scale_id": "agreement",
            "kind": "likert",
            "values": [1, 2, 3, 4, 5],
            "labels": [
                "Not at all true",
                "A little true",
                "Half true",
                "Mostly true",
                "Completely true",
            ],
            "favorable_from": 4,
        }
    ],
    "items": [
        _item("heard", "agreement", "belonging", "When I spoke today, people listened."),
        _item("missed", "agreement", "belonging", "If I had been away, someone would have asked."),
        _item(
            "explained",
            "agreement",
            "peer-interaction",
            "I told a classmate how I was thinking, not just my answer.",
        ),
        _item(
            "changed",
            "agreement",
            "peer-interaction",
            "Something a classmate said made me look at the task another way.",
        ),
        _item(
            "alone",
            "agreement",
            "peer-interaction",
            "I worked today as if nobody else was in the room.",
            reversed=True,
        ),
    ],
}

MATH_FACES: dict[str, Any] = {
    "title": "My math today, in faces",
    "validation_status": "local",
    "license": _LICENSE,
    "language": "en",
    "minutes": 3,
    "scales": [
        {
            "scale_id": "faces",
            "kind": "emoji",
            "values": [1, 2, 3, 4],
            "labels": [
                "\N{DISAPPOINTED FACE} No: a sad face",
                "\N{NEUTRAL FACE} Not sure: a straight face",
                "\N{SLIGHTLY SMILING FACE} I think so: a small smile",
                "\N{SMILING FACE WITH OPEN MOUTH} Yes: a big smile",
            ],
            "favorable_from": 3,
        }
    ],
    "items": [
        _item("start", "faces", "math-confidence", "I knew how to begin my math."),
        _item(
            "stuck", "faces", "math-confidence", "When I got stuck, I found a next thing to try."
        ),
        _item("again", "faces", "math-confidence", "I could do a problem like today's again."),
        _item("welcome", "faces", "belonging", "My ideas belong in our math lesson."),
    ],
}

INSTRUMENTS: list[dict[str, Any]] = [TALKING_TOGETHER, MATH_FACES]
