"""OneRoster as other systems send it: 1.1, and files that say only what has changed."""

from __future__ import annotations

from tests.support.roster_files import Files, good_files

_NAMES = ("academicSessions", "classes", "enrollments", "orgs", "roles", "users")
HEADERS = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,"
    "parentSourcedId,schoolYear",
    "users": "sourcedId,status,dateLastModified,enabledUser,username,givenName,familyName",
    "roles": "sourcedId,status,dateLastModified,userSourcedId,roleType,role,orgSourcedId,"
    "beginDate,endDate",
    "classes": "sourcedId,status,dateLastModified,title,courseSourcedId,classType,"
    "schoolSourcedId,termSourcedIds",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,"
    "userSourcedId,role,primary,beginDate,endDate",
}
USERS_1_1 = """\
sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,\
familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password
"""


def changes(*, version: str = "1.2", **rows: str) -> Files:
    """A file of changes with those `rows` of each file, such as `orgs="a,active,,A,school,,"`,
    one in a line; the others are absent."""
    manifest = f"propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\n"
    files = {}
    for name in _NAMES:
        manifest += f"file.{name},{'delta' if name in rows else 'absent'}\n"
        if name in rows:
            header = HEADERS[name] + "\n"
            if version == "1.1" and name == "users":
                header = USERS_1_1
            files[f"{name}.csv"] = header + rows[name].strip() + "\n"
    return {"manifest.csv": manifest, **files}


def old_files() -> Files:
    """What `good_files` say, as far as 1.1 can: a coach has her role at each of her orgs."""
    files = good_files()
    del files["roles.csv"]
    files["manifest.csv"] = (
        files["manifest.csv"]
        .replace("oneroster.version,1.2", "oneroster.version,1.1")
        .replace("file.roles,bulk\n", "")
    )
    files["users.csv"] = (
        USERS_1_1
        + """\
teacher-1,,,true,"school-1,school-2",teacher,t1,,Annie,Able,,,,,,,,
teacher-2,,,true,school-1,teacher,t2,,Ben,Baker,,,,,,,,
coach-1,,,true,district,ext:coach,c1,,Cy,Cole,,,,,,,,
admin-1,,,true,"district,school-1",administrator,a1,,Di,Dean,,,,,,,,
student-1,,,true,school-1,student,s1,,Canary,Student,,,,,,,03,
student-2,,,true,school-1,student,s2,,Canary,Student,,,,,,,03,
parent-1,,,true,school-1,parent,p1,,Canary,Parent,,,,,,,,
"""
    )
    return files
