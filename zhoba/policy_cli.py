"""``zhoba policy``: the policy, at the machine."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="The policy: who may do what, and why.")
