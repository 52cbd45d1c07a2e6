"""The queue of jobs: which times were put on it, and what became of each."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Key
from core.db.types import UtcDateTime
from core.events.attempts import Attempted
from core.events.delivery import try_again
from core.work import Work


class JobSchedule(Base):
    """Up to which time a job has been put on the queue; from the moment it was first seen."""

    __tablename__ = "job_schedule"
    __table_args__ = (UniqueConstraint("plugin", "job"),)

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text)
    job: Mapped[str] = mapped_column(Text)
    scheduled_to: Mapped[datetime] = mapped_column(UtcDateTime)


class JobRun(Attempted, Base):
    """One due time of a job, in a region; ``region_id`` null: for the republic, or for all."""

    __tablename__ = "job_run"
    __table_args__ = (
        Index(
            "uq_job_run_plugin_job_region_id_due_at",
            "plugin",
            "job",
            "region_id",
            "due_at",
            unique=True,
            sqlite_where=text("region_id IS NOT NULL"),
            postgresql_where=text("region_id IS NOT NULL"),
        ),
        Index(
            "uq_job_run_plugin_job_due_at",
            "plugin",
            "job",
            "due_at",
            unique=True,
            sqlite_where=text("region_id IS NULL"),
            postgresql_where=text("region_id IS NULL"),
        ),
        Index("ix_job_run_state_next_at", "state", "next_at"),
    )

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plugin: Mapped[str] = mapped_column(Text)
    job: Mapped[str] = mapped_column(Text)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"), index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def retry_job_run(work: Work, job_run_id: int) -> JobRun:
    """Have a run of a job tried again that has failed too often.

    Raises :class:`~core.errors.NotFound`, and ``NOT_DEAD`` for one that is not given up.
    """
    return await try_again(work, JobRun, job_run_id, field="jobRunId", act="jobRunRetried")
