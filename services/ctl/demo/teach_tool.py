"""The demo district's observation tool, after the World Bank's Teach Primary.

Its areas and elements are those of Teach Primary, 2nd edition (2021); descriptions and
levels are shortened into our own words, so this is an adaptation and no substitute for
Teach's manual and training.
"""

from __future__ import annotations

from typing import Any

ATTRIBUTION = (
    "Adapted from Teach Primary: Observer Manual, 2nd edition, The World Bank, 2021, "
    "licensed CC BY 4.0 IGO. This is an adaptation of an original work by The World Bank: "
    "its texts were shortened and reworded. Views expressed in the adaptation are the sole "
    "responsibility of its authors and are not endorsed by The World Bank."
)

CULTURE = "Classroom Culture"
INSTRUCTION = "Instruction"
SOCIOEMOTIONAL = "Socioemotional Skills"

# id, area, what is looked at, and what scores 1, 3 and 5 look like
_ELEMENTS = (
    (
        "supportive-learning-environment",
        CULTURE,
        "Supportive learning environment: students are treated with respect and fairness.",
        "Students are treated harshly or unequally, or their needs are passed over.",
        "Students are treated with respect; needs are noticed, but answered only in part.",
        "Warm, respectful and fair to all; needs are noticed and answered promptly.",
    ),
    (
        "positive-behavioral-expectations",
        CULTURE,
        "Positive behavioral expectations: students know what good behavior is.",
        "Expectations are unclear; misbehavior is punished or takes over the lesson.",
        "Some expectations are clear; misbehavior is redirected with mixed success.",
        "Expectations are clear and good behavior is acknowledged; redirection works.",
    ),
    (
        "lesson-facilitation",
        INSTRUCTION,
        "Lesson facilitation: content is made clear and connected.",
        "The purpose is not stated; explanations confuse and connect to nothing.",
        "The purpose shows; explanations are mostly clear, with few connections.",
        "The purpose leads the lesson; content is clear, modeled and tied to what is known.",
    ),
    (
        "checks-for-understanding",
        INSTRUCTION,
        "Checks for understanding: the teacher finds out what students have grasped.",
        "Understanding is not checked, or the class answers in chorus.",
        "Some students are checked; the lesson is adjusted a little.",
        "Most students are checked and the lesson is adjusted to what they show.",
    ),
    (
        "feedback",
        INSTRUCTION,
        "Feedback: comments help students see what is right, what is not, and why.",
        "There are no comments, or only that something is right or wrong.",
        "Comments are general, or specific about successes or errors only.",
        "Specific comments clear up errors and say why successes are successes.",
    ),
    (
        "critical-thinking",
        INSTRUCTION,
        "Critical thinking: students are led to analyze and explain.",
        "Questions and tasks ask for recall only.",
        "A few open questions or thinking tasks, with little follow-up.",
        "Open questions build on answers; students reason, predict and ask themselves.",
    ),
    (
        "autonomy",
        SOCIOEMOTIONAL,
        "Autonomy: students choose, take roles and take part willingly.",
        "Students have no choice and no role, and hardly take part.",
        "Some choices or roles are offered; some students volunteer.",
        "Real choices and roles are offered; most students volunteer and take them up.",
    ),
    (
        "perseverance",
        SOCIOEMOTIONAL,
        "Perseverance: effort is acknowledged and mistakes are part of learning.",
        "Effort goes unseen, mistakes are met badly, goals are not spoken of.",
        "Effort is sometimes acknowledged; mistakes are met neutrally.",
        "Effort is acknowledged, mistakes are used, students set goals and work on.",
    ),
    (
        "social-collaborative-skills",
        SOCIOEMOTIONAL,
        "Social and collaborative skills: students work well with each other.",
        "Students do not work together; peer conflict is left alone.",
        "Students work side by side; help and empathy are encouraged now and then.",
        "Students work together on shared tasks; empathy and solving conflict are taught.",
    ),
    (
        "time-on-learning",
        "Time on Learning",
        "Time on learning: the class has a learning activity and students are on task.",
        "Much time passes without an activity, or many students are off task.",
        "Most time has an activity; several students are off task at times.",
        "Nearly all the time has an activity and nearly all students are on task.",
    ),
)


def _criterion(id: str, area: str, text: str, low: str, middle: str, high: str) -> dict[str, Any]:
    qualities = (low, "Between 1 and 3.", middle, "Between 3 and 5.", high)
    return {
        "criterion_id": id,
        "category": area,
        "description": text,
        "levels": [
            {"score": score, "quality": quality} for score, quality in enumerate(qualities, start=1)
        ],
    }


def teach_tool() -> dict[str, Any]:
    """The body of `POST /observations/v1/tools`."""
    return {
        "title": "Classroom observation, after Teach Primary",
        "attribution": ATTRIBUTION,
        "license": "CC BY 4.0 IGO",
        "criteria": [_criterion(*element) for element in _ELEMENTS],
    }
