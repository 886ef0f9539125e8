"""What is told of an import, over REST and gRPC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field, JsonValue

from services.chassis.fields import PageResource, Resource
from services.chassis.kernel import Fault, Kind
from services.roster.imports.cases import Report
from services.roster.imports.jobs import Job
from services.roster.imports.problems import NoteCode, RowCode

REPORT_SCHEMA = 2  # of what is kept of a report
# Told, and not checked: a report that is kept may be older than a code is, or younger.
_ROW_CODES: dict[str, JsonValue] = {"enum": [each.value for each in RowCode]}
_NOTE_CODES: dict[str, JsonValue] = {"enum": [each.value for each in NoteCode]}


class CountsResource(Resource):
    created: int
    changed: int
    unchanged: int
    removed: int
    rejected: int = Field(description="Rows of its files of which nothing was taken")
    held: int = Field(description="Records that keep what the file seems to have forgotten")


class RowProblemResource(Resource):
    file: str = Field(examples=["users.csv"])
    line: int = Field(description="1 is the header, 0 the file as a whole", examples=[7])
    column: str
    code: str = Field(examples=["unknown_org"], json_schema_extra=_ROW_CODES)
    reason: str


class TotalResource(Resource):
    file: str = Field(examples=["users.csv"])
    code: str = Field(
        description="As of the problems that it counts",
        examples=["unknown_org"],
        json_schema_extra=_ROW_CODES,
    )
    count: int = Field(description="Problems of that code in the file, listed or not")


class RowNoteResource(Resource):
    file: str = Field(examples=["users.csv"])
    column: str
    code: str = Field(examples=["letter_case"], json_schema_extra=_NOTE_CODES)
    reason: str
    rows: int = Field(description="In how many rows of the file")


class ImportReport(Resource):
    """What an import did or, with `validate_only` or where it was `stopped`, what it would have
    done."""

    validate_only: bool
    stopped: bool = Field(
        description="Nothing was changed: the file would remove so much that it looks broken"
    )
    counts: dict[str, CountsResource] = Field(
        description="Records by noun: orgs, academic_sessions, people, classes"
    )
    problems: list[RowProblemResource] = Field(description="The first 1000")
    problem_count: int
    totals: list[TotalResource] = Field(description="All problems, by file and code")
    notes: list[RowNoteResource] = Field(
        description="What was read although it is not written as OneRoster says: no problems"
    )
    matches_proposed: int = Field(
        default=0,  # of reports that were kept before it
        description="Pairs of records that may be one person, which it proposes as matches",
    )
    merged_by_setting: int = Field(
        default=0,
        description="Those of them, of one name, that the settings merge, but for what anybody is "
        "refused",
    )


class ImportJobSummary(Resource):
    """An import, from the moment when its file was kept."""

    import_id: str = Field(description="The import")
    state: Literal["waiting", "running", "done", "failed"] = Field(
        description="One of a district runs at a time, the others wait; what failed has a `code`"
    )
    validate_only: bool = Field(description="It only checks and reports")
    allow_removals: bool = Field(description="It takes removals that look like a mistake")
    by: str = Field(
        description="Who sent the file: `person:` or `partner:` and an id",
        examples=["partner:sis"],
    )
    sha256: str = Field(description="Of the file, in hexadecimal digits")
    size: int = Field(description="Of the file, in bytes")
    made_at: datetime = Field(description="When the file was kept")
    began_at: datetime | None = Field(
        description="When it was begun for the first time; null before"
    )
    ended_at: datetime | None = Field(description="When it was done or had failed; null before")
    phase: Literal["reading", "comparing", "writing"] | None = Field(
        description="What it is at; null where it does not run"
    )
    done: int = Field(description="Records that are written")
    total: int = Field(description="Records that it writes; 0 until that is known")
    code: str = Field(description="Why it has failed; empty otherwise", examples=["bad_zip"])
    detail: str = Field(description="The same for people")
    asked_at: datetime | None = Field(
        description="When its source was asked for what the file says, as its sender has told; "
        "null where that was not said"
    )
    changes: bool = Field(description="The file says of some records only what has changed")


class ImportJob(ImportJobSummary):
    """An import, with its report."""

    report: ImportReport | None = Field(
        description="Settled before anything is written; null before"
    )


class ImportJobs(PageResource):
    """Imports of the district, the newest first, without their reports."""

    imports: list[ImportJobSummary] = Field(description="The newest first, without their reports")


def import_job_summary(job: Job) -> ImportJobSummary:
    return ImportJobSummary(**_told(job))


def import_job(job: Job) -> ImportJob:
    report = None if job.report is None else report_of(job.report)
    return ImportJob(**_told(job), report=report)


def stored_report(report: ImportReport) -> dict[str, Any]:
    """As it is kept with its job, with the number of its schema: another one for each change of
    what is kept."""
    return {"schema": REPORT_SCHEMA, **report.model_dump(mode="json")}


def report_of(stored: Mapping[str, Any]) -> ImportReport:
    """Of a report that was stored by this build or an older one; without a number it is of schema
    1. Raises Fault UNAVAILABLE `needs_upgrade` for a newer one, and for what is not known here."""
    told = dict(stored)
    if told.pop("schema", 1) > REPORT_SCHEMA or told.keys() - ImportReport.model_fields.keys():
        raise Fault(Kind.UNAVAILABLE, "needs_upgrade", "A newer version has stored this report.")
    return ImportReport.model_validate(told)


def _told(job: Job) -> dict[str, Any]:
    return {
        "import_id": job.id,
        "state": job.state.value,
        "validate_only": job.validate_only,
        "allow_removals": job.allow_removals,
        "by": job.by,
        "sha256": job.sha256,
        "size": job.size,
        "made_at": job.made_at,
        "began_at": job.began_at,
        "ended_at": job.ended_at,
        "phase": job.phase.value if job.phase else None,
        "done": job.done,
        "total": job.total,
        "code": job.code,
        "detail": job.detail,
        "asked_at": job.asked_at,
        "changes": job.changes,
    }


def import_report(report: Report, validate_only: bool) -> ImportReport:
    return ImportReport(
        validate_only=validate_only,
        stopped=report.stopped,
        counts={
            noun: CountsResource(
                created=each.created,
                changed=each.changed,
                unchanged=each.unchanged,
                removed=each.removed,
                rejected=each.rejected,
                held=each.held,
            )
            for noun, each in report.counts.items()
        },
        problems=[
            RowProblemResource(
                file=each.file,
                line=each.line,
                column=each.column,
                code=each.code,
                reason=each.reason,
            )
            for each in report.problems.listed
        ],
        problem_count=report.problems.count,
        matches_proposed=report.matches_proposed,
        merged_by_setting=report.merged_by_setting,
        totals=[
            TotalResource(file=file, code=code, count=count)
            for (file, code), count in sorted(report.problems.totals.items())
        ],
        notes=[
            RowNoteResource(
                file=each.file,
                column=each.column,
                code=each.code,
                reason=each.reason,
                rows=each.rows,
            )
            for each in report.problems.notes
        ],
    )
