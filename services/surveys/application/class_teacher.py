"""Who teaches a class today, be it in the place of another."""

from __future__ import annotations

from collections.abc import Collection

from services.chassis.call import Call
from services.surveys.application.ports import Ports


async def class_teacher(ports: Ports, call: Call, class_id: str) -> Collection[str]:
    """The caller, where she teaches the class."""
    person = call.principal.person
    profile = await ports.access.profile(call.district, person) if person else None
    return (person,) if profile is not None and class_id in profile.classes else ()
