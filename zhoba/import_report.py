"""The report of an import, for a person at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from core.imports.report import ImportReport
from core.messages import Messages


def show_report(report: ImportReport, say: Console) -> None:
    """What became of every source, what the Rules ask of its objects and they lack, and the bad
    rows with file, line, column and reason."""
    title = f"{report.system}: nothing was changed (dry run)" if report.dry_run else report.system
    table = Table("source", "noun", "new", "changed", "same", title=title)
    for file in report.files:
        for noun in file.nouns:
            counts = (noun.created, noun.updated, noun.unchanged)
            table.add_row(file.file, noun.noun, *map(str, counts))
        if not file.imported:
            table.add_row(file.file, "not imported", "", "", "")
    say.print(table)
    messages = Messages.load()
    for file in report.files:
        for noun in file.nouns:
            for code, count in sorted(noun.gaps.items()):
                sentence = messages.text(code, "en")
                say.print(
                    f"{file.file}: {noun.noun}: {count} x {sentence}", markup=False, soft_wrap=True
                )
    for row in report.bad_rows:
        place = f"{row.file}:{row.line}" + (f" [{row.column}]" if row.column else "")
        say.print(f"{place}: {messages.sentence(row.error, 'en')}", markup=False)
    if report.bad > len(report.bad_rows):
        say.print(f"... and {report.bad - len(report.bad_rows)} more bad rows")
    for kept in report.kept_rows:
        columns = ", ".join(kept.columns)
        say.print(f"{kept.file}:{kept.line}: kept what was edited here: {columns}", markup=False)
