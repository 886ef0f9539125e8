"""A caseload for people: a table, and one line for each change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from services.ctl.console import plain

MEANINGS = {
    "F1": "not observed",
    "F2": "feedback due",
    "F3": "goal stalled",
    "F4": "goal overdue",
    "F5": "no baseline",
    "F8": "goal achieved",
    "F9": "step not tried",
    "F12": "met too seldom",
    "F21": "met too often",
}
EntryJson = Mapping[str, Any]


def table(
    caseload: Mapping[str, Any], now: datetime | None = None, marked: Collection[str] = ()
) -> Table:
    """One row a teacher, in the order of the API: greatest need of attention first; those of
    `marked` teachers stand out. Contact and observed: how many of the district's days ago. A goal
    shows its share of the way."""
    zone = ZoneInfo(caseload["time_zone"])
    today = (now or datetime.now(UTC)).astimezone(zone).date()
    as_of = datetime.fromisoformat(caseload["as_of"]).astimezone(zone)
    year = caseload["school_year"]
    state = "  STALE" if caseload["stale"] else ""
    made = Table(
        title=f"{plain(caseload['coach_id'])}, school year {year - 1}-{year}: "
        f"{len(caseload['entries'])} teachers, as of {as_of:%Y-%m-%d %H:%M:%S %Z}{state}",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for name in ("teacher", "attention", "contact", "observed", "goals", "survey"):
        made.add_column(name, no_wrap=name != "goals", overflow="fold")
    for entry in caseload["entries"]:
        made.add_row(
            name_of(entry),
            _attention(entry),
            _ago(entry["last_contact_at"], today, zone),
            _ago((entry["last_observation"] or {}).get("shared_at"), today, zone),
            "\n".join(_short(each) for each in entry["open_goals"]) or "-",
            survey(entry["last_survey"]),
            style="reverse" if entry["teacher_id"] in marked else None,
        )
    return made


def line(entry: EntryJson, before: EntryJson | None, now: datetime) -> str:
    """What is new in an entry, on one line."""
    news = _news(entry, before) if before is not None else ["is on the caseload"]
    told = "; ".join(news) or "something that is not shown here"
    return f"{now:%H:%M:%S}  {name_of(entry):<22} {told}"


def _news(entry: EntryJson, before: EntryJson) -> list[str]:
    news = []
    known = {each["goal_id"]: each for each in before["open_goals"]}
    open_now = {each["goal_id"]: each for each in entry["open_goals"]}
    news += [f"goal {goal(each)}" for name, each in open_now.items() if each != known.get(name)]
    news += [f"goal closed: {each['measure_id']}" for name, each in known.items()
             if name not in open_now]  # fmt: skip
    if entry["last_survey"] != before["last_survey"]:
        news.append(f"survey closed: {survey(entry['last_survey'])}")
    if entry["last_observation"] != before["last_observation"]:
        news.append("observation shared")
    flags = [sorted(flag["code"] for flag in each["flags"]) for each in (before, entry)]
    if entry["flags"] != before["flags"]:
        again = " (for another reason)" if flags[0] == flags[1] else ""
        news.append(f"attention: {', '.join(flags[1]) or 'none'}{again}")
    if entry.get("due_step") != before.get("due_step"):
        news.append(f"next step: {step(entry.get('due_step'))}")
    if entry["not_shared"] != before["not_shared"]:
        news.append(f"not shared: {', '.join(entry['not_shared']) or 'nothing'}")
    if entry["incomplete"] != before["incomplete"]:
        news.append("incomplete: an event is parked" if entry["incomplete"] else "complete again")
    if name_of(entry) != name_of(before) or entry["school_ids"] != before["school_ids"]:
        news.append("name or school")
    if not news and entry["last_contact_at"] != before["last_contact_at"]:
        news.append("contact")
    return news


def name_of(entry: EntryJson) -> str:
    name = f"{entry['given_name']} {entry['family_name']}".strip()
    return plain(name or entry["teacher_id"])


def goal(each: Mapping[str, Any]) -> str:
    """`student-talk-share 31 percent, from 20 to 45 (44%)`."""
    measure, unit = each["measure_id"], each["unit"]
    if each["baseline"] is None:
        return f"{measure} to {each['target']:g} {unit}{_marked(each)}: no baseline yet"
    current = each["baseline"] if each["current"] is None else each["current"]
    share = "" if each["progress_share"] is None else f" ({each['progress_share']:.0%})"
    way = f"from {each['baseline']:g} to {each['target']:g}"
    return f"{measure} {current:.4g} {unit}, {way}{share}{_marked(each)}"


def _short(each: Mapping[str, Any]) -> str:
    share = each["progress_share"]
    state = "no baseline" if share is None else f"{share:.0%}"
    return f"{plain(each['measure_id'])} {state}{_marked(each)}"


def _marked(each: Mapping[str, Any]) -> str:
    """The state of a goal that is open and not simply active."""
    return "" if each["state"] == "active" else f", {plain(each['state'])}"


def step(each: Mapping[str, Any] | None) -> str:
    """Of a program's process: `visit by 2026-10-09`, or `visit, 3 days late`, days of school."""
    if each is None:
        return "none"
    days = each["overdue_days"]
    late = f", {days} {'day' if days == 1 else 'days'} late" if days else f" by {each['due_date']}"
    return f"{plain(each['step_id'])}{late}"


def survey(each: Mapping[str, Any] | None) -> str:
    if each is None:
        return "-"
    if each["suppressed"]:
        return f"under {each['small_n']}"
    return f"about {each['favorable_share']:.0%} of {each['n_min']} to {each['n_max']}"


def _attention(entry: EntryJson) -> Text:
    lines = [
        Text(
            f"{plain(flag['code'])} {MEANINGS.get(flag['code'], '')}"
            + (f" ({plain(flag['answer'])})" if flag.get("answer") else ""),
            style="dim" if flag.get("answer") else "green" if flag["code"] == "F8" else "yellow",
        )
        for flag in entry["flags"]
    ]
    due = entry.get("due_step")
    if due and due["overdue_days"]:
        lines.append(Text(f"step: {step(due)}", style="yellow"))
    if entry["from_school_year"]:
        lines.append(Text("of last year, not carried over", style="yellow"))
    if entry["not_shared"]:
        lines.append(Text(f"not shared: {', '.join(entry['not_shared'])}", style="dim"))
    if entry["incomplete"]:
        lines.append(Text("incomplete: an event is parked", style="red"))
    return Text("\n").join(lines)


def _ago(instant: str | None, today: date, zone: ZoneInfo) -> str:
    if instant is None:
        return "-"
    days = (today - datetime.fromisoformat(instant).astimezone(zone).date()).days
    return "today" if days <= 0 else "1 day" if days == 1 else f"{days} days"
