"""The states of applications, visits and recommendations, and every move between them.

Each machine is data: :mod:`plugins.public_monitoring.pages` draws it, every act goes by it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zhoba.api import PRODUCT_DEFAULT, WrongState


class MonitoringApplicationState(enum.Enum):
    """Where an application for public monitoring is."""

    DRAFT = "being put together by the group"
    SUBMITTED = "waits in the inbox of the responsible unit"
    UNDER_CHECK = "checked by the responsible unit"
    RETURNED = "back with the group, to be corrected"
    ACCESS_REQUESTED = "the unit asked the project office for access"
    ACCESS_GRANTED = "access is granted, the answer is still to be given"
    ACTIVE = "answered; the group has access"
    SUSPENDED = "access rests: fewer than two members are left"
    RESPONDED = "answered; the group may enter the territory, which is all it asked for"
    REFUSED = "refused with grounds"
    REVOKED = "access was taken away"
    CLOSED = "monitoring is over"
    WITHDRAWN = "taken back by the group"


class MonitoringVisitState(enum.Enum):
    """Where a visit to a site is."""

    REQUESTED = "asked for by the group"
    SCHEDULED = "allowed, with day, hour and address"
    HELD = "happened, with the manager of the project"
    MISSED = "did not happen"
    REFUSED = "refused with grounds"
    CALLED_OFF = "called off: the group may not enter any more"


class MonitoringRecommendationState(enum.Enum):
    """What became of a recommendation."""

    DRAFT = "being written by the group"
    SENT = "with the addressee"
    ACKNOWLEDGED = "the addressee has read it"
    TAKEN = "taken into work"
    NOT_ACCEPTED = "not accepted, with reasons"
    DONE = "done, says the addressee"
    REOPENED = "not done, says the group"


State = MonitoringApplicationState | MonitoringVisitState | MonitoringRecommendationState


@dataclass(frozen=True, slots=True)
class Move:
    """One act: from which states it starts, where it leads, what it rests on.

    ``refusals`` are the codes by which its guards refuse it.
    """

    act: str
    start: tuple[State, ...]
    end: State
    clause: str
    refusals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Machine:
    """All moves of one kind of thing."""

    name: str
    initial: State
    moves: Sequence[Move]

    def move(self, act: str) -> Move:
        """The move of this act. Raises :class:`KeyError`."""
        for each in self.moves:
            if each.act == act:
                return each
        raise KeyError(act)

    def after(self, row: Any, act: str) -> State:
        """The state an act leads to. Raises ``MONITORING_WRONG_STATE`` where it does not start."""
        move = self.move(act)
        refuse_unless_in(row, act, move.start, move.clause)
        return move.end


def refuse_unless_in(row: Any, act: str, allowed: Sequence[State], clause: str) -> None:
    """Raise ``MONITORING_WRONG_STATE`` unless an act starts from where a row is."""
    if row.state not in allowed:
        raise wrong_state(row, act, allowed, clause)


def wrong_state(row: Any, act: str, allowed: Sequence[State], clause: str) -> WrongState:
    """The refusal of an act that starts from other states."""
    return WrongState(
        "MONITORING_WRONG_STATE",
        clause=clause,
        state=row.state,
        act=act,
        allowed=[each.name for each in allowed],
    )


A, V, R = MonitoringApplicationState, MonitoringVisitState, MonitoringRecommendationState
RULES = "R2023 §18"
FORM = "R2023 §18, App.3"
ANSWER = "R2023 §18, App.4"
OURS = f"{PRODUCT_DEFAULT}; R2023 §18"

APPLICATION = Machine(
    "application",
    A.DRAFT,
    (
        Move(
            "submit",
            (A.DRAFT, A.RETURNED),
            A.SUBMITTED,
            FORM,
            (
                "MONITORING_GROUP_SIZE",
                "MONITORING_MEMBER_NOT_CONFIRMED",
                "MONITORING_DOCUMENT_MISSING",
                "MONITORING_SAME_OBJECT",
            ),
        ),
        Move("withdraw", (A.DRAFT, A.RETURNED), A.WITHDRAWN, OURS),
        Move("take", (A.SUBMITTED,), A.UNDER_CHECK, OURS),
        Move("return", (A.UNDER_CHECK,), A.RETURNED, OURS, ("TEXT_REQUIRED",)),
        Move(
            "requestAccess",
            (A.UNDER_CHECK,),
            A.ACCESS_REQUESTED,
            RULES,
            (
                "MONITORING_NO_SYSTEM_ACCESS_ASKED",
                "MONITORING_MEMBER_NOT_VERIFIED",
                "MONITORING_GROUP_SIZE",
            ),
        ),
        Move("sendBack", (A.ACCESS_REQUESTED,), A.UNDER_CHECK, OURS, ("TEXT_REQUIRED",)),
        Move(
            "refuse",
            (A.UNDER_CHECK,),
            A.REFUSED,
            OURS,
            ("TEXT_REQUIRED", "MONITORING_NUMBER_TAKEN"),
        ),
        Move(
            "grant",
            (A.ACCESS_REQUESTED,),
            A.ACCESS_GRANTED,
            RULES,
            ("MONITORING_GROUP_SIZE", "MONITORING_ACCESS_DAYS"),
        ),
        Move(
            "respond",
            (A.ACCESS_GRANTED,),
            A.ACTIVE,
            ANSWER,
            (
                "MONITORING_ACCESS_OVER",
                "MONITORING_TERRITORY_ANSWER",
                "MONITORING_PROJECT_MANAGER_MISSING",
                "MONITORING_NUMBER_TAKEN",
            ),
        ),
        Move(
            "respondWithoutSystem",
            (A.UNDER_CHECK,),
            A.RESPONDED,
            ANSWER,
            (
                "MONITORING_NOT_GRANTED_YET",
                "MONITORING_MEMBER_NOT_VERIFIED",
                "MONITORING_GROUP_SIZE",
                "MONITORING_TERRITORY_ANSWER",
                "MONITORING_PROJECT_MANAGER_MISSING",
                "MONITORING_NUMBER_TAKEN",
            ),
        ),
        Move("fallApart", (A.ACCESS_GRANTED,), A.UNDER_CHECK, OURS),
        Move("suspend", (A.ACTIVE, A.RESPONDED), A.SUSPENDED, OURS),
        Move("resume", (A.SUSPENDED,), A.ACTIVE, OURS, ("MONITORING_GROUP_SIZE",)),
        Move(
            "resumeWithoutSystem",
            (A.SUSPENDED,),
            A.RESPONDED,
            OURS,
            ("MONITORING_GROUP_SIZE",),
        ),
        Move(
            "revoke",
            (A.ACCESS_GRANTED, A.ACTIVE, A.RESPONDED, A.SUSPENDED),
            A.REVOKED,
            RULES,
            ("TEXT_REQUIRED",),
        ),
        Move("close", (A.ACTIVE, A.SUSPENDED, A.RESPONDED), A.CLOSED, OURS),
    ),
)

VISIT = Machine(
    "visit",
    V.REQUESTED,
    (
        Move(
            "schedule",
            (V.REQUESTED,),
            V.SCHEDULED,
            RULES,
            ("MONITORING_PROJECT_MANAGER_MISSING", "MONITORING_VISIT_IN_THE_PAST"),
        ),
        Move(
            "refuse",
            (V.REQUESTED,),
            V.REFUSED,
            RULES,
            ("MONITORING_GROUNDS_NEEDED", "TEXT_REQUIRED"),
        ),
        Move(
            "hold",
            (V.SCHEDULED,),
            V.HELD,
            RULES,
            ("MONITORING_MANAGER_ABSENT", "MONITORING_VISIT_TOO_EARLY", "MONITORING_NOBODY_CAME"),
        ),
        Move(
            "miss", (V.SCHEDULED,), V.MISSED, OURS, ("MONITORING_VISIT_TOO_EARLY", "TEXT_REQUIRED")
        ),
        Move("callOff", (V.REQUESTED, V.SCHEDULED), V.CALLED_OFF, OURS),
    ),
)

RECOMMENDATION = Machine(
    "recommendation",
    R.DRAFT,
    (
        Move("send", (R.DRAFT,), R.SENT, RULES, ("MONITORING_VISIT_FIRST",)),
        Move("acknowledge", (R.SENT, R.REOPENED), R.ACKNOWLEDGED, OURS),
        Move(
            "take",
            (R.ACKNOWLEDGED, R.TAKEN),
            R.TAKEN,
            OURS,
            ("MONITORING_TASK_ELSEWHERE", "MONITORING_TASK_CLOSED"),
        ),
        Move("decline", (R.ACKNOWLEDGED, R.TAKEN), R.NOT_ACCEPTED, OURS, ("TEXT_REQUIRED",)),
        Move("finish", (R.TAKEN,), R.DONE, OURS, ("MONITORING_TASK_OPEN",)),
        Move(
            "reopen", (R.DONE,), R.REOPENED, OURS, ("MONITORING_REOPENED_ALREADY", "TEXT_REQUIRED")
        ),
    ),
)

MACHINES = (APPLICATION, VISIT, RECOMMENDATION)

LIVE = (
    A.DRAFT,
    A.SUBMITTED,
    A.UNDER_CHECK,
    A.RETURNED,
    A.ACCESS_REQUESTED,
    A.ACCESS_GRANTED,
    A.ACTIVE,
    A.RESPONDED,
    A.SUSPENDED,
)
"""States of an application that goes on: nobody is in two of them for the same object."""

ADMITTED = (A.ACTIVE, A.RESPONDED)
"""States in which a group may enter sites: its answer is given, and access does not rest."""

MAY_ADVISE = (A.ACCESS_GRANTED, *ADMITTED)
"""States in which a group may recommend."""

RUNNING = (*ADMITTED, A.SUSPENDED)
"""States that end by the clock."""

MAY_REOPEN = (A.ACCESS_GRANTED, *RUNNING, A.CLOSED)
"""States in which a group may say that what it recommended is not done."""

UNNAMED = (A.DRAFT, A.RETURNED, A.WITHDRAWN)
"""States in which the group may still name any object it likes: its name is not told to it."""

AWAITED = (A.SUBMITTED, A.UNDER_CHECK, A.ACCESS_REQUESTED, A.ACCESS_GRANTED)
"""States in which the body owes the group an answer."""

UNDECIDED = (V.REQUESTED,)
"""States of a visit in which the body owes the group a decision."""

OPEN_VISITS = (V.REQUESTED, V.SCHEDULED)
"""States of a visit that is still to come, or to be recorded."""

UNANSWERED = (R.SENT, R.ACKNOWLEDGED, R.REOPENED)
"""States of a recommendation in which its addressee owes the group an answer."""
