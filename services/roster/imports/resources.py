"""What an import answers, over REST and gRPC."""

from __future__ import annotations

from pydantic import Field

from services.chassis.fields import Resource
from services.roster.imports.cases import Report


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
    code: str = Field(examples=["unknown_org"])
    reason: str


class TotalResource(Resource):
    file: str = Field(examples=["users.csv"])
    code: str = Field(description="As of the problems that it counts", examples=["unknown_org"])
    count: int = Field(description="Problems of that code in the file, listed or not")


class RowNoteResource(Resource):
    file: str = Field(examples=["users.csv"])
    column: str
    code: str = Field(examples=["letter_case"])
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
