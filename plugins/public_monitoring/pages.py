"""The page of the state machines: ``python -m plugins.public_monitoring.pages`` draws it anew."""

from __future__ import annotations

from pathlib import Path

from plugins.public_monitoring.states import MACHINES, Machine

PAGE = Path(__file__).parents[2] / "docs" / "public-monitoring.md"

INTRODUCTION = """\
# Public monitoring

Groups of two to five citizens check a project: they apply, the body answers, they get access that
ends, visit the site with the project's manager, and recommend; what was done about it is theirs to
read, and to open again [R2023 §18, App.3, App.4]. Every move below is a line of data, by which each
act goes. *Product default*: the Rules are silent there.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(section(machine) for machine in MACHINES)])


def section(machine: Machine) -> str:
    """One machine: a picture, its states in words, its moves with clause and refusals."""
    lines = [f"## {machine.name.capitalize()}", "", "```mermaid", "stateDiagram-v2"]
    lines.append(f"    [*] --> {machine.initial.name}")
    for move in machine.moves:
        lines += [f"    {start.name} --> {move.end.name}: {move.act}" for start in move.start]
    starts = {start for move in machine.moves for start in move.start}
    states = list(type(machine.initial))
    lines += [f"    {state.name} --> [*]" for state in states if state not in starts]
    lines += ["```", "", "| State | Meaning |", "|---|---|"]
    lines += [f"| {state.name} | {state.value} |" for state in states]
    lines += ["", "| Act | From | To | Clause | Refused as |", "|---|---|---|---|---|"]
    for move in machine.moves:
        start = ", ".join(each.name for each in move.start)
        codes = ", ".join(f"`{code}`" for code in move.refusals)
        lines.append(f"| {move.act} | {start} | {move.end.name} | {move.clause} | {codes} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
