"""What an import did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.errors import PlatformError

SHOWN_ROWS = 1000
"""Bad and kept rows a report lists; the counts go on."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not imported: where it stands, and why (``error.code``, ``error.params``)."""

    file: str
    line: int
    column: str | None
    error: PlatformError


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row whose source changed in columns that were also edited here; the edit was kept."""

    file: str
    line: int
    id: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class NounCount:
    """How many rows of one noun came to what. ``gaps`` counts what the source lacks of what the
    Rules ask for, by the code of the gap (:mod:`core.hierarchy.gaps`)."""

    noun: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    gaps: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class FileReport:
    """One source. ``imported`` is false when its transaction was rolled back."""

    file: str
    nouns: list[NounCount] = field(default_factory=list)
    bad: int = 0
    kept: int = 0
    imported: bool = True

    @property
    def changed(self) -> int:
        return sum(noun.created + noun.updated for noun in self.nouns)


@dataclass(slots=True)
class ImportReport:
    """All sources in order. With ``--errors stop`` the first one with a bad row is the last."""

    system: str
    dry_run: bool
    files: list[FileReport] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)
    kept_rows: list[KeptRow] = field(default_factory=list)

    @property
    def bad(self) -> int:
        return sum(file.bad for file in self.files)

    @property
    def stopped(self) -> bool:
        """Whether a bad row ended the import."""
        return any(not file.imported for file in self.files)

    def refuse(self, file: FileReport, line: int, error: PlatformError) -> None:
        """Note a bad row."""
        file.bad += 1
        if len(self.bad_rows) < SHOWN_ROWS:
            self.bad_rows.append(BadRow(file.file, line, error.field, error))

    def keep(self, file: FileReport, line: int, id_: str, columns: tuple[str, ...]) -> None:
        """Note a row that was edited both here and in the source."""
        file.kept += 1
        if len(self.kept_rows) < SHOWN_ROWS:
            self.kept_rows.append(KeptRow(file.file, line, id_, columns))
