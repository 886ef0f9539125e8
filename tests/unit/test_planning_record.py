"""Planning records against a model: whatever is written, by whom, and whoever is merged, parted or
erased, the chain of what is left holds, and nobody reads what was not written for her."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.chassis.write.ids import id_after
from services.programs.record.chain import content_hash
from services.programs.record.domain import PlanningEntry, Shared, Written
from services.programs.record.outline import Chained, EntryKind, RecordOf
from tests.support.clocks import START

PEOPLE = ["t-0", "t-1", "t-2"]
RECORD = "4b0c9a4e-0000-4000-8000-000000000001"


def entry_after(last: PlanningEntry | None, by: str, text: str, *readers: str) -> PlanningEntry:
    number = last.chained.number + 1 if last else 1
    made = PlanningEntry.write(
        id=f"4b0c9a4e-0000-4000-8000-{number:012}",
        district="north",
        record=Shared(RecordOf.CIRCLE, RECORD, 2027, readers),
        last=last,
        by=by,
        at=START,
        said=Written(EntryKind.PLAN, text),
        salt=f"{number:032x}",
        made_by="",
    )
    made.take_event()
    return made


def holds(chained: Chained) -> bool:
    """As docs/privacy.md says, whatever the code does."""
    said = f"{chained.before}:{chained.number}:{chained.content}"
    return chained.hash == hashlib.sha256(said.encode()).hexdigest()


class Records(RuleBasedStateMachine):
    """The model: of each entry its text and who may read it, None once its author was erased."""

    @initialize()
    def begin(self) -> None:
        self.entries: list[PlanningEntry] = []
        self.model: list[tuple[str | None, set[str]]] = []
        self.here = set(PEOPLE)

    @rule(
        by=st.sampled_from(PEOPLE), text=st.text("ab", min_size=1), without=st.sampled_from(PEOPLE)
    )
    def write(self, by: str, text: str, without: str) -> None:
        readers = sorted(self.here - ({without} - {by}))
        if by not in self.here:
            return
        last = self.entries[-1] if self.entries else None
        self.entries.append(entry_after(last, by, text, *readers))
        self.model.append((text, set(readers)))

    @rule(one=st.sampled_from(PEOPLE), other=st.sampled_from(PEOPLE))
    def merge_and_part(self, one: str, other: str) -> None:
        """Given back, all is as it was."""
        if one == other:
            return
        for entry in self.entries:
            before = (entry.author, entry.teacher, set(entry.readers))
            had = one in entry.readers
            entry.transfer(one, other)
            entry.take_event()
            assert (one in entry.readers) is False
            if had:
                entry.transfer(other, one)
                entry.take_event()
            assert (entry.author, entry.teacher, set(entry.readers)) == before

    @rule(whom=st.sampled_from(PEOPLE))
    def erase(self, whom: str) -> None:
        self.here.discard(whom)
        kept: list[PlanningEntry] = []
        model: list[tuple[str | None, set[str]]] = []
        for entry, (text, readers) in zip(self.entries, self.model, strict=True):
            left = readers - {whom}
            if entry.author == whom:
                entry, text = entry.in_its_place(whom, id_after(entry.id, whom)), None
                assert whom not in repr(entry)
            elif whom in readers:
                entry.forget_reader(whom)
            entry.take_event()
            kept.append(entry)
            model.append((text, left))
        self.entries, self.model = kept, model

    @invariant()
    def the_chain_holds(self) -> None:
        before, at = "", None
        for number, (entry, (text, readers)) in enumerate(
            zip(self.entries, self.model, strict=True), 1
        ):
            assert holds(entry.chained)
            assert (entry.chained.number, entry.chained.before) == (number, before)
            assert at is None or entry.written_at > at
            before, at = entry.chained.hash, entry.written_at
            assert set(entry.readers) == readers
            if text is None:
                assert entry.erased
                assert (entry.text, entry.salt, entry.author, entry.written_as) == ("", "", "", "")
            else:
                assert entry.text == text
                assert content_hash(entry) == entry.chained.content


TestRecords = Records.TestCase
TestRecords.settings = settings(max_examples=60, stateful_step_count=15)


def test_whatever_is_changed_in_an_entry_breaks_its_hash() -> None:
    entry = entry_after(None, "t-0", "Wait after each question", "t-0", "t-1")
    for changed in (
        replace(entry, text="Wait"),
        replace(entry, kind="next"),
        replace(entry, written_as="t-1"),
        replace(entry, record_id="another"),
        replace(entry, corrects="entry-0"),
        replace(entry, written_at=START + timedelta(seconds=1)),
        replace(entry, device_at=START),
    ):
        assert content_hash(changed) != entry.chained.content
    assert not holds(replace(entry.chained, number=2))
    assert not holds(replace(entry.chained, before="0" * 64))


def test_what_is_left_of_an_erased_text_tells_nobody_what_it_was() -> None:
    """Without the salt whoever guesses the words is as wise as before."""
    entry = entry_after(None, "t-0", "Yes", "t-0", "t-1")
    left = entry.in_its_place("t-0", id_after(entry.id, "t-0"))
    guessed = replace(entry, salt=left.salt)
    assert content_hash(guessed) != left.chained.content
    assert hashlib.sha256(b"Yes").hexdigest() not in repr(left)


def test_a_coach_and_her_teacher_are_never_one() -> None:
    two = Shared(RecordOf.RELATIONSHIP, RECORD, 2027, ("coach", "t-0"), "t-0", "coach")
    entry = replace(entry_after(None, "t-0", "Yes", "t-0"), of=two.of, coach="coach")
    entry.readers = two.readers
    entry.transfer("coach", "t-0")
    assert (entry.coach, entry.readers) == ("coach", two.readers)
    assert entry.take_event() is None
