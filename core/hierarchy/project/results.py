"""Accepting what a project made."""

from __future__ import annotations

from core.errors import WrongState
from core.hierarchy.project.loading import open_project
from core.hierarchy.project.model import Project
from core.rows import change
from core.tree.node import Stage
from core.work import Work


async def accept_results(work: Work, project_id: int) -> Project:
    """The customer accepts the results, without which the project cannot go to closure.

    Action ``project.accept_results`` [R2023 §2(23)]; during implementation, once. Going back to
    adjustment or stopping takes the acceptance back (product default).
    """
    node, project = await open_project(
        work,
        project_id,
        "project.accept_results",
        stages=frozenset({Stage.IMPLEMENTATION}),
    )
    if project.results_accepted_at is not None:
        raise WrongState(
            "RESULTS_ALREADY_ACCEPTED",
            clause="R2023 §2(23)",
            accepted_at=project.results_accepted_at,
        )
    before, after = change(
        project,
        {"results_accepted_at": work.now, "results_accepted_by_id": work.actor.person_id},
    )
    node.version += 1
    await work.session.flush()
    work.record(
        "projectResultsAccepted",
        project,
        node_id=node.id,
        before=before,
        after=after,
        clause="R2023 §2(23)",
    )
    return project
