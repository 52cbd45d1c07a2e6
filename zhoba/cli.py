"""The ``zhoba`` command."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import DBAPIError

import core.models  # noqa: F401 - the tables must know each other before a row is written
from core.errors import PlatformError
from core.messages import Messages
from core.work import COUNTRY_TIME
from zhoba import plugins_cli
from zhoba.host.commands import Commands, sentences_of_plugins
from zhoba.new_plugin.command import new_plugin
from zhoba.settings import Settings
from zhoba.sign_in.door import own_token
from zhoba.sign_in.holders import Holder, find_holders, role_holders
from zhoba.terminal import fail, opened, run, say, settings_of

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Zhoba: programmes and projects of state bodies, served over GraphQL. "
    "Settings are environment variables ZHOBA_* or zhoba.toml; see docs/settings.md.",
)
admin = typer.Typer(no_args_is_help=True, help="What only the operator at the machine may do.")
app.add_typer(admin, name="admin")
app.add_typer(plugins_cli.app, name="plugins")
app.command(name="new-plugin")(new_plugin)

Port = Annotated[int | None, typer.Option(help="Port to listen on; ZHOBA_PORT if not given.")]


class OnError(StrEnum):
    """What becomes of a source with bad rows."""

    SKIP = "skip"
    STOP = "stop"


def main() -> None:
    """Entry point; a refusal is one sentence and exit code 1, not a traceback."""
    try:
        app()
    except PlatformError as error:
        messages = Messages.load()
        if error.code not in messages.sentences:
            messages = Messages(sentences_of_plugins(Settings().plugins))
        fail(f"{messages.sentence(error, 'en')} ({error.code})")
    except (DBAPIError, OSError) as error:
        # Its first line says what; the rest is the statement, or where to read about the driver.
        words = str(error.orig if isinstance(error, DBAPIError) else error) or type(error).__name__
        fail(f"the database or a file cannot be used: {words.splitlines()[0]}")


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Port = None,
    strict: Annotated[
        bool | None,
        typer.Option("--strict", help="Do not start while a plugin cannot be loaded."),
    ] = None,
) -> None:
    """Serve the API until SIGTERM. The database must be migrated.

    A plugin that cannot be loaded is left out; `zhoba plugins` says why.
    """
    from migrations.run import pending
    from zhoba.app import open_installation
    from zhoba.doctor import foreign_packages
    from zhoba.host.failing import PluginsFailed
    from zhoba.logs import configure_logs
    from zhoba.server import serve as serve_forever

    settings = settings_of(host=host, port=port, strict_plugins=strict)
    foreign = foreign_packages()
    if foreign:
        fail(
            f"another distribution owns {', '.join(foreign)}: install Zhoba in its own environment"
        )
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if run(pending(settings.database)):
        fail("the database is not at the newest revision: run `zhoba migrate` first")
    configure_logs(settings)
    try:
        installation = run(open_installation(settings))
    except PluginsFailed as error:
        fail(str(error))
    for failure in installation.failures:
        say.print(str(failure), style="yellow", markup=False, soft_wrap=True)
    serve_forever(settings, installation)


@app.command()
def migrate() -> None:
    """Bring the tables of the core and of every plugin to what this release needs.

    A plugin that fails stays as it was and stops no other; the exit code is 1 then.
    """
    from migrations.run import UnknownRevision
    from zhoba.host.installing import GOOD, install
    from zhoba.host.loading import read_plugins

    settings = settings_of()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Whether the schema can be put together is told by the server and by `zhoba plugins`: here it
    # would leave a plugin without the tables they ask for first.
    installation = read_plugins(None, settings.plugins)
    try:
        steps = run(install(settings.database, installation.plugins, datetime.now(UTC)))
    except UnknownRevision as error:
        fail(str(error))
    say.print("The core is at its newest revision.")
    for step in steps:
        say.print(
            str(step), style=None if step.outcome in GOOD else "red", markup=False, soft_wrap=True
        )
    for failure in installation.failures:
        say.print(str(failure), style="red", markup=False, soft_wrap=True)
    if installation.failures or any(step.outcome not in GOOD for step in steps):
        sys.exit(1)


@app.command()
def token(
    person_or_role: Annotated[
        str, typer.Argument(help="Person:7, a role such as project_manager, or part of a name.")
    ],
) -> None:
    """Print a bearer token, and nothing else, for scripts."""
    settings = settings_of()
    now = datetime.now(UTC)
    holder = run(the_holder(settings, person_or_role, now))
    print(own_token(settings, holder.account_id, now))


async def the_holder(settings: Settings, wanted: str, now: datetime) -> Holder:
    async with opened(settings) as database, database.reading_session() as session:
        found = await find_holders(session, wanted, now.astimezone(COUNTRY_TIME).date())
    if not found:
        fail(f"nobody with an open account is {wanted!r}")
    if len(found) > 1:
        names = "\n".join(f"  Person:{each.person_id}  {each.full_name}" for each in found)
        fail(f"{wanted!r} may be one of\n{names}")
    return found[0]


@app.command()
def doctor() -> None:
    """Look at packages, database, tables, plugins and whatever else could be wrong."""
    from zhoba.doctor import examine

    findings = run(examine(settings_of()))
    for finding in findings:
        mark = "[green]ok  [/]" if finding.good else "[red]BAD [/]"
        say.print(mark, f"{finding.name:12}", end="")
        say.print(finding.words, markup=False)
    if not all(finding.good for finding in findings):
        sys.exit(1)


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="Folder to put the backup's folder into.")],
) -> None:
    """Copy the database and the stored files while the server may run."""
    from zhoba.backup import BackupFailed, back_up

    try:
        made = back_up(settings_of(), target, datetime.now(UTC))
    except BackupFailed as error:
        fail(str(error))
    say.print(f"To restore: {made.restore}", markup=False)
    print(made.folder)


@app.command(name="import")
def import_(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The data.")],
    mapping: Annotated[
        str,
        typer.Option(
            help="A mapping file, or a shipped one: italia_domani, world_bank_kazakhstan."
        ),
    ],
    account: Annotated[
        str, typer.Option(help="Whose account it is recorded under: Person:7, a role or a name.")
    ] = "national_administrator",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing.")] = False,
    errors: Annotated[
        OnError, typer.Option(help="Leave bad rows out, or stop at the source that has one.")
    ] = OnError.STOP,
) -> None:
    """Bring in programmes and projects from CSV, CSV.gz or XLSX, as a mapping says."""
    from core.imports.engine import account_actor, run_import
    from core.imports.mapping import load_mapping
    from zhoba.import_report import show_report

    settings = settings_of()
    now = datetime.now(UTC)
    holder = run(the_holder(settings, account, now))

    async def work() -> Any:
        async with opened(settings) as database:
            with bars() as progress:
                return await run_import(
                    database,
                    load_mapping(mapping),
                    folder,
                    actor=await account_actor(database, holder.account_id),
                    now=now,
                    dry_run=dry_run,
                    errors=errors.value,
                    progress=Bars(progress),
                )

    report = run(work())
    show_report(report, say)
    if report.stopped:
        sys.exit(1)


def bars() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=say,
    )


class Bars:
    """One progress bar for each thing that is worked on."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.tasks: dict[str, Any] = {}

    def __call__(self, name: str, position: int, size: int) -> None:
        if name not in self.tasks:
            self.tasks[name] = self.progress.add_task(name, total=size)
        self.progress.update(self.tasks[name], completed=position, total=size)


@app.command()
def demo(
    port: Port = None,
    reset: Annotated[bool, typer.Option("--reset", help="Start over with fresh data.")] = False,
) -> None:
    """Migrate, fill with sample data, print a token for each role, and serve."""
    settings = settings_of(demo=True, port=port)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if reset:
        remove_sqlite(settings)
    from zhoba.app import open_installation
    from zhoba.demo import UNAPPOINTED, fill_demo
    from zhoba.demo.plugins import fill_plugins
    from zhoba.host.installing import install
    from zhoba.host.loading import read_plugins
    from zhoba.server import serve as serve_forever

    now = datetime.now(UTC)

    async def prepare() -> dict[str, Holder]:
        plugins = read_plugins(None, settings.plugins).plugins
        await install(settings.database, plugins, now)
        async with opened(settings) as database:
            with bars() as progress:
                await fill_demo(database, now=now, progress=Bars(progress))
            async with database.reading_session() as session:
                today = now.astimezone(COUNTRY_TIME).date()
                holders = await role_holders(session, today)
                (nobody,) = await find_holders(session, UNAPPOINTED, today)
                return {**holders, "(no appointment)": nobody}

    show_demo(settings, run(prepare()), now)
    installation = run(open_installation(settings))
    for failure in installation.failures:
        say.print(str(failure), style="yellow", markup=False, soft_wrap=True)

    async def add_plugins() -> None:
        async with opened(settings) as database:
            await fill_plugins(database, installation, settings, now=now)

    run(add_plugins())
    serve_forever(settings, installation)


def remove_sqlite(settings: Settings) -> None:
    """Remove the demo's own database file; never anything on a server."""
    if not settings.database.startswith("sqlite:///"):
        fail("--reset removes a SQLite file only; drop the PostgreSQL database yourself")
    path = Path(settings.database.removeprefix("sqlite:///"))
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def show_demo(settings: Settings, holders: dict[str, Holder], now: datetime) -> None:
    """The addresses, and one ready token per role."""
    address = f"http://{settings.host}:{settings.port}"
    table = Table("role", "person", "bearer token (12 hours, DEMO)", box=None)
    for role, holder in sorted(holders.items()):
        table.add_row(role, holder.full_name, own_token(settings, holder.account_id, now))
    wide = Console(highlight=False, width=400, soft_wrap=True)
    wide.print(table)
    wide.print(f"\nGraphQL   {address}/graphql\nGraphiQL  {address}/graphiql")


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option(help="Write it to this file instead.")] = None,
    plugins: Annotated[
        str, typer.Option(help="Ids of installed plugins to put in, with commas between.")
    ] = "",
) -> None:
    """Print the GraphQL schema of the core, or of the core and some plugins."""
    from zhoba.host.failing import PluginsFailed
    from zhoba.host.loading import load_installation

    wanted = [name.strip() for name in plugins.split(",") if name.strip()]
    try:
        text = load_installation(only=wanted, strict=True).schema.as_str() + "\n"
    except PluginsFailed as error:
        fail(str(error))
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_text(text, "utf-8")


@admin.command()
def grant(
    family_name: Annotated[str, typer.Argument(help="Family name.")],
    given_name: Annotated[str, typer.Argument(help="Given name.")],
) -> None:
    """Make somebody national administrator: the first one of a new installation.

    Enters the person and opens an account where they are missing.
    """
    from zhoba.admin import grant_administration

    settings = settings_of()
    now = datetime.now(UTC)

    async def work() -> int:
        async with opened(settings) as database:
            return await grant_administration(
                database,
                family_name=family_name,
                given_name=given_name,
                now=now,
                rules=settings.rules(),
            )

    account = run(work())
    say.print(f"{family_name} {given_name} is national administrator. Token for this session:")
    print(own_token(settings, account, now))


if __name__ == "__main__":
    main()
