"""What the plugin adds to the schema."""

from __future__ import annotations

from plugins.public_monitoring import bindings, bindings_observing, scope
from plugins.public_monitoring.mutations import MUTATIONS
from plugins.public_monitoring.questions import (
    MonitoringFigures,
    MonitoringMonitored,
    MonitoringQuestions,
    MonitoringRegionFigures,
)
from zhoba.api import ById, Contribution, Page, Told

CONTRIBUTION = Contribution(
    nouns=[*bindings.NOUNS, *bindings_observing.NOUNS, *scope.NOUNS],
    roots=[
        Page(
            "monitoringApplications",
            "Applications for public monitoring: one's own, and those of bodies one handles. The "
            "inbox of a unit is `where: {state: {in: [SUBMITTED, UNDER_CHECK]}}`, its overdue list "
            "`where: {overdue: {eq: true}}`.",
            bindings.APPLICATION,
        ),
        ById("monitoringApplication", "One application.", bindings.APPLICATION),
        Page(
            "monitoringVisits",
            "Visits to sites: of one's group, of the unit, of the projects one manages. Decisions "
            "that are late: `where: {overdue: {eq: true}}`.",
            bindings_observing.VISIT,
        ),
        ById("monitoringVisit", "One visit.", bindings_observing.VISIT),
        Page(
            "monitoringRecommendations",
            "Recommendations: of one's group, of the unit, and those one considers. Answers that "
            "are late: `where: {overdue: {eq: true}}`.",
            bindings_observing.RECOMMENDATION,
        ),
        ById("monitoringRecommendation", "One recommendation.", bindings_observing.RECOMMENDATION),
        Page("monitoringObjects", "The projects one observes.", scope.OBJECT),
        ById("monitoringObject", "One project that one observes.", scope.OBJECT),
        Page("monitoringObjectGroups", "The project groups one observes.", scope.GROUP),
    ],
    mutations=MUTATIONS,
    questions=[MonitoringQuestions],
    types=[MonitoringFigures, MonitoringMonitored, MonitoringRegionFigures],
    told=[
        Told(
            name="monitoringApplicationChanged",
            to=bindings.APPLICATION,
            acts=(
                "monitoringApplicationSubmitted",
                "monitoringApplicationTaken",
                "monitoringApplicationReturned",
                "monitoringApplicationRefused",
                "monitoringApplicationAccessRequested",
                "monitoringApplicationSentBack",
                "monitoringApplicationAccessGranted",
                "monitoringApplicationAccessRevoked",
                "monitoringApplicationSuspended",
                "monitoringApplicationResumed",
                "monitoringApplicationFellApart",
                "monitoringApplicationAnswered",
                "monitoringApplicationClosed",
                "monitoringAnswerDue",
                "monitoringUnitAssigned",
            ),
            description="Told of every move of an application the subscriber may read, and of "
            "answers that are soon due.",
        ),
        Told(
            name="monitoringVisitChanged",
            to=bindings_observing.VISIT,
            acts=(
                "monitoringVisitRequested",
                "monitoringVisitScheduled",
                "monitoringVisitRefused",
                "monitoringVisitAttendanceConfirmed",
                "monitoringVisitHeld",
                "monitoringVisitMissed",
                "monitoringVisitCalledOff",
                "monitoringPhotoAttached",
                "monitoringVisitDue",
            ),
            description="Told of every move of a visit the subscriber may read: the group, the "
            "unit, the manager of the project; and of decisions that are soon due.",
        ),
        Told(
            name="monitoringRecommendationChanged",
            to=bindings_observing.RECOMMENDATION,
            acts=(
                "monitoringRecommendationSent",
                "monitoringRecommendationAcknowledged",
                "monitoringRecommendationTaken",
                "monitoringRecommendationDeclined",
                "monitoringRecommendationDone",
                "monitoringRecommendationReopened",
                "monitoringRecommendationDue",
            ),
            description="Told of every move of a recommendation the subscriber may read, and of "
            "answers that are soon due.",
        ),
    ],
)
