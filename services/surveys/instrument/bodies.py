"""What callers send about instruments, and a file of one says, too."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from services.chassis.fields import Body, Code, Id, Line, Text
from services.surveys.instrument.domain import (
    FEWEST_POINTS,
    LANGUAGE,
    MOST_ITEMS,
    MOST_POINTS,
    MOST_SCALES,
    MOST_TRANSLATIONS,
    InstrumentSays,
    Item,
    Scale,
    ScaleKind,
    Translation,
    ValidationStatus,
)
from services.surveys.instrument.outline import Audio, ItemWords, ScaleWords

Value = Annotated[int, Field(ge=-1_000, le=1_000)]
Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
HttpsAddress = Annotated[str, StringConstraints(pattern=r"^https://[!-~]{1,400}$")]
MOST_MINUTES = 60
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_AUDIO: Any = Field(default=None, description="Where it can be heard; null: nowhere")
ItemText = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class ScaleBody(Body):
    """Ordinal values, lowest first, with a label each; an emoji's label says in words what
    it shows. Values from `favorable_from` on are favorable."""

    scale_id: Id = Field(examples=["agree"])
    kind: Annotated[ScaleKind, Field(strict=False)]
    values: list[Value] = Field(
        min_length=FEWEST_POINTS, max_length=MOST_POINTS, examples=[[1, 2, 3]]
    )
    labels: list[Label] = Field(
        min_length=FEWEST_POINTS, max_length=MOST_POINTS, examples=[["No", "Partly", "Yes"]]
    )
    favorable_from: Value = Field(examples=[3])


class AudioBody(Body):
    address: HttpsAddress = Field(
        examples=["https://files.example.org/i1-en.mp3"],
        description="Where it can be heard; Tandem neither fetches nor keeps it",
    )
    license: Code = Field(examples=["CC-BY-4.0"], description="The license of what is heard")


class ItemBody(Body):
    item_id: Id = Field(examples=["i1"])
    text: ItemText = Field(examples=["Today somebody listened to my idea."])
    construct_id: Code = Field(examples=["belonging"])
    source: Line = Field(examples=["Written for this measure"])
    license: Code = Field(examples=["Apache-2.0"])
    scale_id: Id = Field(examples=["agree"])
    reversed: bool = False
    audio: AudioBody | None = _AUDIO


class ItemWordsBody(Body):
    item_id: Id = Field(examples=["i1"])
    text: ItemText = Field(examples=["Hoy alguien escuchó mi idea."])
    audio: AudioBody | None = _AUDIO


class ScaleWordsBody(Body):
    scale_id: Id = Field(examples=["agree"])
    labels: list[Label] = Field(
        min_length=FEWEST_POINTS,
        max_length=MOST_POINTS,
        examples=[["No", "En parte", "Sí"]],
        description="What each value means in words, in the order of the scale's `values`",
    )


class TranslationBody(Body):
    """The same items and scales in another language. A draft may lack some yet."""

    language: Language = Field(
        examples=["es"], description="The language of these words, as BCP 47 has it"
    )
    title: Line = Field(examples=["Hoy en matemáticas"])
    items: list[ItemWordsBody] = Field(
        default=[], max_length=MOST_ITEMS, description="The items in this language"
    )
    scales: list[ScaleWordsBody] = Field(
        default=[], max_length=MOST_SCALES, description="The labels in this language"
    )


class DraftInstrument(Body):
    """`validation_evidence`: where it can be read that it is validated; one that says so names
    it."""

    title: Line = Field(examples=["Today in math"])
    scales: list[ScaleBody] = Field(min_length=1, max_length=MOST_SCALES)
    items: list[ItemBody] = Field(min_length=1, max_length=MOST_ITEMS)
    validation_status: Annotated[ValidationStatus, Field(strict=False)] = ValidationStatus.LOCAL
    validation_evidence: Line | None = Field(
        default=None,
        examples=["https://doi.org/10.0000/example"],
        description="Where it can be read that it is validated: an address or a citation; null: "
        "not said",
    )
    license: Code = Field(examples=["Apache-2.0"])
    language: Language | None = Field(default=None, examples=["en"])
    minutes: Annotated[int, Field(ge=1, le=MOST_MINUTES)] | None = Field(default=None, examples=[5])
    translations: list[TranslationBody] = Field(
        default=[],
        max_length=MOST_TRANSLATIONS,
        description="The same in other languages, by the same ids; `language` must be said then",
    )

    def says(self) -> InstrumentSays:
        return InstrumentSays(
            title=self.title,
            scales=tuple(map(scale_of, self.scales)),
            items=tuple(map(item_of, self.items)),
            validation_status=self.validation_status,
            validation_evidence=self.validation_evidence or "",
            license=self.license,
            language=self.language or "",
            minutes=self.minutes or 0,
            translations=tuple(map(_translation_of, self.translations)),
        )


class EditInstrument(DraftInstrument):
    """All of it, in place of what it says."""


class ForkInstrument(Body):
    parent_id: Id = Field(description="The published or retired instrument to begin with")
    title: Line | None = Field(
        default=None,
        examples=["Today in science"],
        description="What the fork is called; null: as its parent",
    )


class JudgeInstrument(Body):
    comparable: bool = Field(description="Whether its results may be joined with its parent's")
    reason: Text = Field(
        examples=["A comma was put right"], description="Why; whoever sees the instrument reads it"
    )


def scale_of(asked: ScaleBody) -> Scale:
    return Scale(
        id=asked.scale_id,
        kind=asked.kind,
        values=tuple(asked.values),
        labels=tuple(asked.labels),
        favorable_from=asked.favorable_from,
    )


def item_of(asked: ItemBody) -> Item:
    return Item(
        id=asked.item_id,
        text=asked.text,
        construct=asked.construct_id,
        source=asked.source,
        license=asked.license,
        scale_id=asked.scale_id,
        reversed=asked.reversed,
        audio=_audio_of(asked.audio),
    )


def _translation_of(asked: TranslationBody) -> Translation:
    return Translation(
        asked.language,
        asked.title,
        tuple(ItemWords(it.item_id, it.text, _audio_of(it.audio)) for it in asked.items),
        tuple(ScaleWords(it.scale_id, tuple(it.labels)) for it in asked.scales),
    )


def _audio_of(asked: AudioBody | None) -> Audio | None:
    return Audio(asked.address, asked.license) if asked else None
