"""A decision tree as a file: YAML, or JSON, which is YAML, too. One ships."""

from __future__ import annotations

from pathlib import Path

from services.chassis.kernel import Fault
from services.chassis.strict_yaml import YamlFile
from services.goals.tree.bodies import TreeSaid
from services.goals.tree.steps import TreeStep, check_steps

_ENTITIES = str.maketrans({each: f"#{ord(each)};" for each in '#&"<>`*_|'})
SHIPPED = Path(__file__).parent / "templates" / "mathematics-discussion.yaml"


def read_tree(path: Path) -> TreeSaid:
    """What a file says, checked as a tree is that is published, but for what it offers. Raises
    BadSettings, which names file, line and place, for the first mistake."""
    file = YamlFile(str(path))
    said = file.into(TreeSaid)
    try:
        check_steps(said.tree_steps())
    except Fault as fault:
        place = [int(each) if each.isdigit() else each for each in fault.place[1:].split("/")]
        raise file.mistake(place, f"{fault.code}: {fault.detail}") from None
    return said


def mermaid(steps: tuple[TreeStep, ...]) -> str:
    """The picture of a tree, as Mermaid draws it: a step is a box, an end is round, a way back is
    dotted. What people wrote stands in quotes, with whatever could end these left out."""
    number = {step.id: f"s{index}" for index, step in enumerate(steps)}
    lines = ["flowchart TD"]
    for step in steps:
        left, right = ("[", "]") if step.answers else ("([", "])")
        lines.append(f'  {number[step.id]}{left}"{_quoted(step.title)}"{right}')
    for step in steps:
        for answer in step.answers:
            arrow = "-.->" if answer.again else "-->"
            ways = f'{number[step.id]} {arrow}|"{_quoted(answer.text)}"| {number[answer.leads_to]}'
            lines.append(f"  {ways}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """One line, in which nothing ends the quotes or is read as HTML or Markdown."""
    return " ".join(text.split()).translate(_ENTITIES)
