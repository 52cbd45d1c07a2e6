"""``zhoba plugins uninstall``: an act of the operator at the machine."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from zhoba.terminal import fail, opened, run, say, settings_of


def uninstall(
    name: Annotated[str, typer.Argument(help="The id of the plugin, as `zhoba plugins` shows it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what goes; keep it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    backup: Annotated[
        Path | None, typer.Option(help="Folder for the backup; `backups` in the data folder.")
    ] = None,
    no_backup: Annotated[bool, typer.Option("--no-backup", help="Make no backup.")] = False,
) -> None:
    """Remove a plugin with its tables, roles and settings; its package may be gone already.

    Audit, outbox, history of the policy and backups keep what they tell of it.
    """
    from zhoba.backup import BackupFailed, back_up
    from zhoba.host.uninstalling import NotInstalled, NotUninstalled, removal_of
    from zhoba.host.uninstalling import uninstall as remove

    settings = settings_of()
    now = datetime.now(UTC)
    try:
        removal = run(removal_of(settings.database, name))
        for line in removal.lines():
            say.print(line, markup=False)
        if removal.obstacles:
            fail("\n".join(removal.obstacles))
        if dry_run:
            return
        if not yes:
            typer.confirm(f"Remove {name} for good?", abort=True, err=True)
        if not no_backup:
            made = back_up(settings, backup or settings.data_dir / "backups", now)
            say.print(f"Backup: {made.folder}\nTo restore: {made.restore}", markup=False)

        async def work() -> None:
            async with opened(settings) as database:
                await remove(database, name, now=now)

        run(work())
    except (BackupFailed, NotInstalled, NotUninstalled) as error:
        fail(str(error))
    say.print(
        f"{name} is removed. Uninstall its package as well and start the servers again, or "
        "`zhoba migrate` will install it anew."
    )
