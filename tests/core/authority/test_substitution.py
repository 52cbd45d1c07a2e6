"""The substitution table, cell by cell as printed."""

from __future__ import annotations

import pytest

from core.authority.substitution import may_stand_in, substitutes_of, table
from core.work import Profile

COLUMNS = (
    "np_curator", "program_manager", "po_head", "bd_head", "pg_curator", "po_chief_manager",
    "po_administrator", "sac_head", "sac_analyst", "cc_head", "cc_manager", "bdig_head",
    "bdig_chief_manager", "bdig_administrator", "acceleration_head", "acceleration_manager",
    "pg_head",
)  # fmt: skip

SUBSTITUTES_2023 = {
    "np_curator": "np_curator",
    "program_manager": "np_curator gc_deputy_chair po_head",
    "po_head": "program_manager gc_deputy_chair po_chief_manager po_administrator sac_head "
    "acceleration_head",
    "bd_head": "program_manager gc_deputy_chair bd_head pg_curator",
    "pg_curator": "program_manager gc_deputy_chair po_head bd_head pg_curator bdig_head "
    "acceleration_head",
    "po_chief_manager": "po_head po_administrator acceleration_head acceleration_manager",
    "po_administrator": "po_head po_chief_manager cc_manager acceleration_head "
    "acceleration_manager",
    "sac_head": "po_head po_chief_manager sac_analyst acceleration_head acceleration_manager",
    "sac_analyst": "po_head po_chief_manager po_administrator sac_head acceleration_head "
    "acceleration_manager",
    "cc_head": "po_head po_chief_manager po_administrator cc_manager acceleration_head "
    "acceleration_manager",
    "cc_manager": "po_head po_chief_manager po_administrator cc_head acceleration_head "
    "acceleration_manager",
    "bdig_head": "po_head bd_head pg_curator po_chief_manager po_administrator bdig_chief_manager "
    "bdig_administrator acceleration_head acceleration_manager",
    "bdig_chief_manager": "po_head bd_head pg_curator po_chief_manager po_administrator bdig_head "
    "bdig_administrator acceleration_head acceleration_manager",
    "bdig_administrator": "po_head bd_head pg_curator po_chief_manager po_administrator bdig_head "
    "bdig_chief_manager acceleration_head acceleration_manager",
    "acceleration_head": "po_head bd_head pg_curator po_chief_manager po_administrator sac_head "
    "sac_analyst acceleration_manager",
    "acceleration_manager": "po_head bd_head pg_curator po_chief_manager po_administrator sac_head "
    "sac_analyst acceleration_head",
    "pg_head": "po_head bd_head pg_curator po_chief_manager po_administrator sac_head sac_analyst "
    "bdig_head bdig_chief_manager bdig_administrator acceleration_head acceleration_manager",
}


@pytest.mark.parametrize("replaced", COLUMNS)
def test_who_may_stand_in_2023(replaced: str) -> None:
    assert substitutes_of(replaced) == tuple(SUBSTITUTES_2023[replaced].split())


def test_2021_differs_by_one_row() -> None:
    only_2021 = {
        (performer, replaced)
        for replaced, performers in table()[Profile.R2021].items()
        for performer in performers
        if performer not in table()[Profile.R2023][replaced]
    }
    assert only_2021 == {("cab_secretary_under_president", "np_curator")}
    assert sum(map(len, table()[Profile.R2021].values())) == 1 + sum(
        map(len, table()[Profile.R2023].values())
    )


def test_head_of_the_standard_direction_uses_the_column_of_direction_heads() -> None:
    assert substitutes_of("standard_bd_head") == substitutes_of("bd_head")


def test_a_role_without_a_column_has_no_substitutes() -> None:
    assert substitutes_of("project_manager") == ()
    assert not may_stand_in("pg_head", "project_manager")


def test_a_head_of_a_group_stands_in_for_nobody() -> None:
    assert [replaced for replaced in COLUMNS if may_stand_in("pg_head", replaced)] == []
