"""``zhoba documents``: which documents clients may ask for by their hash."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from graphql import OperationDefinitionNode, parse

from core.errors import InvalidInput
from schema.limits import Admission
from schema.limits.admission import InvalidDocument
from zhoba.documents import KIND, Documents, hash_of
from zhoba.terminal import fail, run, say, settings_of

app = typer.Typer(no_args_is_help=True, help="Documents that clients ask for by their hash.")


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="GraphQL.")],
) -> None:
    """Register documents, and print the `documentId` of each.

    All must fit the schema and the limits of this installation; else none is registered.
    """
    from zhoba.app import open_installation

    settings = settings_of()
    installation = run(open_installation(settings))
    admission = Admission(installation.schema.graphql, settings.limits())
    texts = {file: file.read_text("utf-8") for file in files}
    problems = []
    for file, text in texts.items():
        try:
            admission.admit(text)
        except InvalidDocument as error:
            problems += [f"{file}: {each.message}" for each in error.errors]
        except InvalidInput as error:
            problems.append(f"{file}: {installation.messages.sentence(error, 'en')}")
    if problems:
        fail("\n".join(problems))
    documents = Documents(settings.documents)
    for file, text in texts.items():
        typer.echo(f"{KIND}{documents.add(text)}  {file}")


@app.command(name="list")
def list_() -> None:
    """List the registered documents with the names of their operations."""
    documents = Documents(settings_of().documents)
    for name, text in documents.all():
        typer.echo(f"{KIND}{name}  {operations(text)}")


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="A documentId, or the file it is of.")],
) -> None:
    """Take documents back: from now on nobody may ask for them by their hash."""
    registered = Documents(settings_of().documents)
    for given in documents:
        file = Path(given)
        name = hash_of(file.read_text("utf-8")) if file.is_file() else given.removeprefix(KIND)
        if not registered.remove(name):
            fail(f"{given} is not registered")
        say.print(f"{KIND}{name} removed", markup=False, soft_wrap=True)


def operations(text: str) -> str:
    """The operations of a document by name."""
    return ", ".join(
        node.name.value if node.name else node.operation.value
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode)
    )
