"""Columns of OneRoster that are not read, and what others are called in real files."""

from __future__ import annotations

from collections.abc import Mapping

EXTENSIONS = ("metadata.", "ext:", "ext.")  # anybody's own columns, in lower case

OTHERS: Mapping[str, tuple[str, ...]] = {
    "orgs.csv": ("identifier",),
    "academicSessions.csv": (),
    "users.csv": (
        *("orgSourcedIds", "role"),  # of 1.1
        *("userIds", "middleName", "preferredMiddleName"),
        *("sms", "phone", "agentSourcedIds", "grades", "password", "pronouns"),
        *("resourceSourcedIds", "primaryOrgSourcedId"),
    ),
    "roles.csv": ("userProfileSourcedId",),
    "courses.csv": (
        *("dateLastModified", "schoolYearSourcedId", "courseCode", "grades", "subjects"),
        "subjectCodes",
    ),
    "classes.csv": ("subjectCodes",),
    "enrollments.csv": (),
}

MISSPELLED: Mapping[str, str] = {
    "datalastmodified": "datelastmodified",
    "datelastmodifed": "datelastmodified",
    "lastmodifieddate": "datelastmodified",
    "prefferedgivenname": "preferredgivenname",
    "prefferedfamilyname": "preferredfamilyname",
    "preferedgivenname": "preferredgivenname",
    "preferedfamilyname": "preferredfamilyname",
}
"""By what they are called, in lower case."""
