"""The report of an import at a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from core.errors import InvalidInput
from core.imports.report import BadRow, FileReport, ImportReport, KeptRow, NounCount
from zhoba.import_report import show_report


def test_report_says_what_became_of_each_source_and_what_its_objects_lack() -> None:
    report = ImportReport(
        system="portal",
        dry_run=True,
        files=[
            FileReport(
                "projects.csv",
                [NounCount("project", 3, 2, 1, {"GAP_PROJECT_END": 4, "GAP_PROJECT_CUSTOMER": 6})],
                bad=1,
                kept=1,
            ),
            FileReport("tasks.csv", imported=False),
        ],
        bad_rows=[BadRow("projects.csv", 7, "end", InvalidInput("TEXT_REQUIRED"))],
        kept_rows=[KeptRow("projects.csv", 9, "P-9", ("goal", "ends_on"))],
    )
    shown = io.StringIO()
    show_report(report, Console(file=shown, width=80))
    lines = shown.getvalue().splitlines()
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines if "│" in line]
    assert "portal: nothing was changed (dry run)" in lines[0]
    assert cells == [
        ["projects.csv", "project", "3", "2", "1"],
        ["tasks.csv", "not imported", "", "", ""],
    ]
    assert lines[-4:] == [
        "projects.csv: project: 6 x The project has no customer.",
        "projects.csv: project: 4 x The project has no end date.",
        "projects.csv:7 [end]: This field cannot be empty.",
        "projects.csv:9: kept what was edited here: goal, ends_on",
    ]
