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


class RowProblemResource(Resource):
    file: str = Field(examples=["users.csv"])
    line: int = Field(description="1 is the header, 0 the file as a whole", examples=[7])
    column: str
    code: str = Field(examples=["unknown_org"])
    reason: str


class RowNoteResource(Resource):
    file: str = Field(examples=["users.csv"])
    column: str
    code: str = Field(examples=["letter_case"])
    reason: str
    rows: int = Field(description="In how many rows of the file")


class ImportReport(Resource):
    """What an import did or, with `validate_only`, what it would have done."""

    validate_only: bool
    counts: dict[str, CountsResource] = Field(
        description="Records by noun: orgs, academic_sessions, people, classes"
    )
    problems: list[RowProblemResource] = Field(description="The first 1000")
    problem_count: int
    notes: list[RowNoteResource] = Field(
        description="What was read although it is not written as OneRoster says: no problems"
    )


def import_report(report: Report, validate_only: bool) -> ImportReport:
    return ImportReport(
        validate_only=validate_only,
        counts={
            noun: CountsResource(
                created=each.created,
                changed=each.changed,
                unchanged=each.unchanged,
                removed=each.removed,
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
