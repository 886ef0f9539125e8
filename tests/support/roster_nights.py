"""Imports of three nights, to be cut short: what was there before, and the file that comes."""

from __future__ import annotations

from tests.support.roster_changes import changes
from tests.support.roster_files import Files, good_files


def next_night() -> Files:
    """Of each noun something is new, something has changed and something is gone."""
    files = good_files()
    files["orgs.csv"] = files["orgs.csv"].replace("Second", "2nd") + "school-3,,New,school,,\n"
    for name in ("users.csv", "roles.csv"):
        lines = files[name].splitlines(True)
        files[name] = "".join(line for line in lines if "admin-1" not in line)
    files["users.csv"] = files["users.csv"].replace("Ben", "Benno") + "teacher-9,true,t,Nia,N,\n"
    files["roles.csv"] += "r99,teacher-9,primary,teacher,school-3,,\n"
    files["classes.csv"] = files["classes.csv"].replace("class-2,Math 4b", "class-3,Math 4c")
    files["enrollments.csv"] = files["enrollments.csv"].replace("class-2", "class-3")
    files["enrollments.csv"] += "e9,class-1,school-1,teacher-9,teacher,,,\n"
    return files


NIGHTS: dict[str, tuple[Files | None, Files]] = {
    "first": (None, good_files()),
    "next": (good_files(), next_night()),
    "changes": (
        good_files(),
        changes(
            orgs="school-2,active,,2nd,school,,district",
            users="admin-1,tobedeleted,,true,a1,Di,Dean\nteacher-2,active,,true,t2,Bea,Baker",
            enrollments="e1,tobedeleted,,class-1,school-1,teacher-1,teacher,,,",
            classes="class-3,active,,Art,art,scheduled,school-2,term-2",
            roles="r,active,,coach-1,secondary,aide,school-2,,",
        ),
    ),
}


def numbered(files: Files, **numbers: str) -> Files:
    """The files with staff numbers, by the person's id with _ for -."""
    head, *rows = files["users.csv"].splitlines()
    told = {name.replace("_", "-"): number for name, number in numbers.items()}
    rows = [f"{row},{told.get(row.partition(',')[0], '')}" for row in rows]
    return {**files, "users.csv": "\n".join([f"{head},identifier", *rows, ""])}


def renamed(files: Files, old: str, new: str) -> Files:
    """The files with another id of a person."""
    return {name: text.replace(f"{old},", f"{new},") for name, text in files.items()}


# After the second night two records may be one person.
RENAMED: tuple[Files | None, Files] = (
    numbered(good_files(), teacher_2="s-2002"),
    numbered(renamed(good_files(), "teacher-2", "new-2"), new_2="s-2002"),
)
