"""How long it takes to load 20 plugins of 10 types each, and what a schema of them weighs.

``python -m bench.plugins_start``: the plugins are written to a temporary folder, and loaded in a
process of its own, three times; the best counts.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_SECONDS = 3.0
LIMIT_MB = 30.0

PLUGIN = '''"""Plugin {n} of the measurement."""

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from zhoba.api import (
    ById, Contribution, Extension, Handler, Key, Level, Mutation, Node, Page, Permission,
    PluginInfo, Policies, Project, When, Work, bind, col, connection, find, grant, hookimpl, ident,
    one, permission, plugin_metadata,
)


class Base(DeclarativeBase):
    metadata = plugin_metadata()


{models}

async def edit_0(work: Work, plan_id: int, text: str) -> "Thing0":
    """Change one."""
    return await find(work.session, Thing0, plan_id)


async def hear(work, happened):
    """Nothing."""


@hookimpl
def plugin_info():
    texts = dict(kk="Қосымша {n}", ru="Модуль {n}", en="Plugin {n}")
    return PluginInfo(
        id="m{n}", version="1.0", title=texts, description=texts, requires_api=">=1.0,<2"
    )


@hookimpl
def register_actions():
    return [permission("m{n}.read", "Read."), permission("m{n}.edit", "Edit.")]


@hookimpl
def register_policies():
    return Policies(grants={{"project_manager": [grant("m{n}.read", "m{n}.edit")]}})


@hookimpl
def register_event_handlers():
    return [Handler(name="hear", acts=frozenset({{"m{n}Edited"}}), when=When.AFTER, run=hear)]


@hookimpl
def register_graphql():
    return Contribution(
        nouns=[{nouns}],
        extensions=[
            Extension(
                target="Project",
                fields=[
                    connection(
                        "m{n}Things",
                        "M{n}Thing0",
                        lambda me, it: it[Thing0.project_id] == me[Project.id],
                        "Its things.",
                    )
                ],
            )
        ],
        roots=[{roots}],
        mutations=[
            Mutation(
                "m{n}Edit", edit_0, "M{n}Thing0", ("m{n}.edit",), "product default",
                ids={{"plan_id": ("M{n}Thing0",)}},
                describe={{"plan_id": "The thing.", "text": "The text."}},
            )
        ],
    )
'''

MODEL = """
class Thing{t}(Base):
    __tablename__ = "m{n}_thing_{t}"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Node.id), index=True)
{columns}


noun_{t} = bind(
    "M{n}Thing{t}",
    Thing{t},
    "A thing.",
    [
        ident(),
        one(
            "project",
            "Project",
            lambda me, it: it[Project.id] == me[Thing{t}.project_id],
            "The project.",
            where=True,
        ),
{fields}
    ],
    levels={{Level.BASIC: "m{n}.read"}},
    node=Thing{t}.project_id,
)
"""

MEASURE = """
import json, resource, sys, time
import zhoba.api, schema.platform
from zhoba.host.loading import load_installation

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

offers = json.loads(sys.argv[1])
before = resident()
begun = time.perf_counter()
installation = load_installation(offers, strict=True)
seconds = time.perf_counter() - begun
types = [n for n in installation.schema.graphql.type_map if not n.startswith("__")]
print(json.dumps({"seconds": seconds, "mb": resident() - before, "types": len(types)}))
"""


def write_plugin(folder: Path, number: int, types: int) -> str:
    """One plugin of so many types of five columns; the name of its module."""
    models = "\n".join(
        MODEL.format(
            n=number,
            t=t,
            columns="\n".join(f"    text_{c}: Mapped[str] = mapped_column(Text)" for c in range(5)),
            fields="\n".join(
                f'        col("text{c}", Thing{t}.text_{c}, "A text.", where=True, order=True),'
                for c in range(5)
            ),
        )
        for t in range(types)
    )
    nouns = ", ".join(f"noun_{t}" for t in range(types))
    roots = ", ".join(
        f'Page("m{number}Things{t}", "Things.", "M{number}Thing{t}"), '
        f'ById("m{number}Thing{t}", "A thing.", "M{number}Thing{t}")'
        for t in range(types)
    )
    text = PLUGIN.format(n=number, models=models, nouns=nouns, roots=roots)
    (folder / f"measured_{number}.py").write_text(text, "utf-8")
    return f"measured_{number}"


def measure(plugins: int, types: int) -> dict[str, float]:
    """The best of three processes."""
    with tempfile.TemporaryDirectory() as folder:
        offers = {
            f"m{number}": write_plugin(Path(folder), number, types) for number in range(plugins)
        }
        runs = []
        for _ in range(3):
            ran = subprocess.run(
                [sys.executable, "-c", MEASURE, json.dumps(offers)],
                capture_output=True,
                text=True,
                check=False,
                cwd=Path(__file__).parents[1],
                env={"PYTHONPATH": f"{folder}:.", "PATH": ""},
            )
            if ran.returncode:
                sys.exit(ran.stderr)
            runs.append(json.loads(ran.stdout))
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plugins", type=int, default=20)
    parser.add_argument("--types", type=int, default=10)
    given = parser.parse_args()
    core, all_of_them = measure(0, 0), measure(given.plugins, given.types)
    print(f"Python {platform.python_version()}, {platform.machine()}")
    print("| plugins | types of the schema | seconds | memory_mb |")
    print("|---------|---------------------|---------|-----------|")
    for plugins, run in ((0, core), (given.plugins, all_of_them)):
        print(f"| {plugins} | {run['types']:.0f} | {run['seconds']:.2f} | {run['mb']:.0f} |")
    over = all_of_them["seconds"] > LIMIT_SECONDS
    print(f"limit {LIMIT_SECONDS} s: {'OVER' if over else 'ok'}")


if __name__ == "__main__":
    main()
