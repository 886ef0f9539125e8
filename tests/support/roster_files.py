"""A small good OneRoster zip, for tests to spoil; and the roster service on memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from services.access.days import Days
from services.access.districts import OwnRoles
from services.access.profile import Profile, Role, Tie
from services.chassis.call import Call, Principal
from services.chassis.write.memory_documents import MemoryDocuments
from services.chassis.write.mongo_documents import MongoDocuments
from services.roster import bootstrap
from services.roster.imports.cases import Report, import_roster
from services.roster.imports.memory_identifiers import MemoryIdentifiers
from services.roster.imports.memory_jobs import MemoryJobs
from services.roster.imports.oneroster.reader import has_changes, read_roster
from services.roster.imports.roster_file import KnownRecords, ParsedRoster
from services.roster.imports.runner import ImportRunner
from tests.support.clocks import FakeClock
from tests.support.days import DAYS
from tests.support.directories import OneByOne
from tests.support.parts import CountingBell, PartsInMemory

TODAY = "2026-10-05"
Files = dict[str, str]

_MANIFEST = """propertyName,value
manifest.version,1.0
oneroster.version,1.2
file.academicSessions,bulk
file.classes,bulk
file.courses,bulk
file.demographics,absent
file.enrollments,bulk
file.orgs,bulk
file.roles,bulk
file.users,bulk
source.systemName,Tests
"""
_ORGS = """sourcedId,status,name,type,identifier,parentSourcedId
district,,North,district,,
school-1,,"First, of all",school,,district
school-2,,Second,school,,district
"""
_SESSIONS = """sourcedId,title,type,startDate,endDate,parentSourcedId,schoolYear
year,Year,schoolYear,2026-08-01,2027-07-01,,2027
term-1,Autumn,term,2026-08-01,2027-01-01,year,2027
term-2,Spring,term,2027-01-01,2027-07-01,year,2027
"""
_USERS = """sourcedId,enabledUser,username,givenName,familyName,preferredGivenName
teacher-1,true,t1,Ann,Able,Annie
teacher-2,true,t2,Ben,Baker,
coach-1,true,c1,Cy,Cole,
admin-1,true,a1,Di,Dean,
student-1,true,s1,Canary,Student,
student-2,true,s2,Canary,Student,
parent-1,true,p1,Canary,Parent,
"""
_ROLES = """sourcedId,userSourcedId,roleType,role,orgSourcedId,beginDate,endDate
r1,teacher-1,primary,teacher,school-1,,
r2,teacher-1,secondary,ext:coach,school-2,2026-08-01,2027-07-01
r3,teacher-2,primary,teacher,school-1,,
r4,coach-1,primary,ext:instructionalCoach,district,,
r5,admin-1,primary,districtAdministrator,district,,
r6,admin-1,secondary,parent,school-1,,
r7,student-1,primary,student,school-1,,
r8,student-2,primary,student,school-1,,
r9,parent-1,primary,parent,school-1,,
"""
_COURSES = """sourcedId,title,orgSourcedId
math,Mathematics,school-1
"""
_CLASSES = """\
sourcedId,title,grades,subjects,courseSourcedId,classType,schoolSourcedId,termSourcedIds
class-1,Math 4a,"03,04",Mathematics,math,scheduled,school-1,"term-1,term-2"
class-2,Math 4b,,,math,homeroom,school-1,term-1
"""
_ENROLLMENTS = """\
sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
e1,class-1,school-1,teacher-1,teacher,true,,
e2,class-1,school-1,teacher-2,teacher,false,,
e3,class-1,school-1,student-1,student,,,
e4,class-1,school-1,student-2,student,,,2027-01-01
e5,class-1,school-1,student-1,student,,,
e6,class-2,school-1,teacher-2,teacher,true,,
e7,class-2,school-1,student-1,student,,,2026-10-05
e8,class-2,school-1,coach-1,administrator,,,
"""


def good_files() -> Files:
    """The text of each file by name. 3 orgs, 3 sessions, 4 staff, 2 classes."""
    return {
        "manifest.csv": _MANIFEST,
        "orgs.csv": _ORGS,
        "academicSessions.csv": _SESSIONS,
        "users.csv": _USERS,
        "roles.csv": _ROLES,
        "courses.csv": _COURSES,
        "classes.csv": _CLASSES,
        "enrollments.csv": _ENROLLMENTS,
    }


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def edited(name: str, old: str, new: str) -> Files:
    """The good files with one piece of text exchanged."""
    files = good_files()
    assert files[name].count(old) == 1, f"{old!r} stands once in {name}"
    files[name] = files[name].replace(old, new)
    return files


def parsed(
    files: Mapping[str, str | bytes],
    district: str = "north",
    own: OwnRoles | None = None,
    known: KnownRecords | None = None,
) -> ParsedRoster:
    file = io.BytesIO(zipped(files))
    return read_roster(file, district, TODAY, own or OwnRoles(), known or KnownRecords())


def problems_of(roster: ParsedRoster) -> list[tuple[str, int, str, str]]:
    return [(each.file, each.line, each.column, each.code.value) for each in roster.problems.listed]


class Parsed:
    """A `RosterFile` in memory."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        self._files = files

    async def changes(self) -> bool:
        return has_changes(io.BytesIO(zipped(self._files)))

    async def read(
        self, district: str, today: str, own: OwnRoles, known: KnownRecords
    ) -> ParsedRoster:
        return read_roster(io.BytesIO(zipped(self._files)), district, today, own, known)


class Staff(OneByOne):
    """Who asks: the access view of both districts."""

    _ROLES = {
        "admin-1": "districtAdministrator",
        "coach-1": "ext:coach",
        "coach-9": "ext:coach",
        "teacher-1": "teacher",
        "teacher-2": "teacher",
        "leader-1": "principal",
    }

    async def profile(self, district: str, person: str) -> Profile | None:
        role = self._ROLES.get(person)
        if role is None or district not in ("north", "south"):
            return None
        ties = (Tie("coach-1", 2027),) if person == "teacher-1" else ()
        return Profile(person, True, (Role(role, "school-1"),), ties)


@dataclass
class Service(PartsInMemory):
    """The use cases' ports, over memory unless told, and what is behind them."""

    documents: MemoryDocuments | MongoDocuments = field(default_factory=MemoryDocuments)
    clock: FakeClock = field(default_factory=FakeClock)
    days: Days = DAYS

    def __post_init__(self) -> None:
        self.bell, self.directory = CountingBell(), Staff()
        self.jobs = MemoryJobs()
        self.identifiers = MemoryIdentifiers()
        own = (0.1, self.jobs, self.identifiers)
        self.ports = bootstrap.ports(self, bootstrap.policies(), *own)
        self.runner = ImportRunner(self.ports.imports)

    async def load(
        self,
        files: Mapping[str, str | bytes],
        *,
        person: str = "admin-1",
        district: str = "north",
        validate_only: bool = False,
        allow_removals: bool = False,
    ) -> Report:
        call = call_for("import_roster", person, district=district)
        return await import_roster(
            self.ports.imports,
            call,
            Parsed(files),
            validate_only=validate_only,
            allow_removals=allow_removals,
        )

    async def published(self) -> list[tuple[str, tuple[str, ...]]]:
        """Type and keys of every event since the last time this was asked."""
        waiting = await self.documents.pending(10_000)
        await self.documents.clear(
            {each.id: [event.version for event in each.events] for each in waiting}
        )
        return sorted(
            (event.type.rpartition(".")[2], event.keys) for each in waiting for event in each.events
        )


def call_for(operation: str, person: str, *, district: str = "north") -> Call:
    return Call(operation, Principal(district, person=person))
