"""The unique identification number of a project [R2023 §94(8)]."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from core.hierarchy.project.model import ProjectNumber


async def take_project_numbers(session: AsyncSession, year: int, count: int = 1) -> list[str]:
    """The next ``count`` numbers of ``year`` (of Asia/Almaty), nobody else's for ever.

    One statement takes them, so two at once never get the same. Whoever takes numbers holds up
    the others until the transaction ends; one rolled back gives its numbers to the next. The
    format ``PRJ-<year>-<six digits>`` is a product default; the sequence is national.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first_of_year = dialect.insert(ProjectNumber).values(year=year, last=count)
    taken = first_of_year.on_conflict_do_update(
        index_elements=[ProjectNumber.year], set_={"last": ProjectNumber.last + count}
    ).returning(ProjectNumber.last)
    last = (await session.execute(taken)).scalar_one()
    return [f"PRJ-{year}-{place:06d}" for place in range(last - count + 1, last + 1)]
