"""What the fields of inputs mean, by the name of the verb's parameter.

``("*", name)`` holds for every mutation, ``(mutation, name)`` for one.
"""

from __future__ import annotations

from core.tree.node import NodeKind

TYPE_OF = {kind: kind.name.title().replace("_", "") for kind in NodeKind}
"""GraphQL types of the objects of the tree."""

TREE_TYPES = tuple(TYPE_OF.values())

ANY_NODE = "TreeNode"
"""Result of a mutation that changes any object of the tree."""

ID_TYPES: dict[str, tuple[str, ...]] = {
    "absence_id": ("Absence",),
    "account_id": ("Account",),
    "act_id": ("Act",),
    "administrative_unit_id": ("AdministrativeUnit",),
    "appointment_id": ("Appointment",),
    "assertion_id": ("PolicyAssertion",),
    "body_id": ("StateBody",),
    "chair_id": ("Person",),
    "confirming_file_id": ("File",),
    "country_id": ("Country",),
    "delivery_id": ("Delivery",),
    "deputy_ids": ("Person",),
    "direction_id": ("BasicDirection",),
    "draft_id": ("PolicyDraft",),
    "executor_id": ("Person",),
    "file_id": ("File",),
    "group_id": ("ProjectGroup",),
    "held_at_id": TREE_TYPES,
    "job_run_id": ("JobRun",),
    "key_id": ("ServiceKey",),
    "lead_priority_id": ("NationalPriority",),
    "location_id": ("ProjectLocation",),
    "member_ids": ("Person",),
    "move_id": ("StageMove",),
    "new_parent_id": TREE_TYPES,
    "node_id": TREE_TYPES,
    "office_id": ("ProjectOffice",),
    "organization_unit_id": ("OrganizationUnit",),
    "owner_id": ("Person",),
    "parent_id": TREE_TYPES,
    "person_id": ("Person",),
    "predecessor_id": ("Task",),
    "priority_id": ("NationalPriority",),
    "priority_ids": ("NationalPriority",),
    "program_id": ("Program",),
    "project_id": ("Project",),
    "region_id": ("Region",),
    "responsible_unit_id": ("OrganizationUnit",),
    "session_id": ("Session",),
    "state_body_id": ("StateBody",),
    "task_id": ("Task",),
    "unit_id": ("OrganizationUnit",),
}
"""Which types an id parameter names, by its name."""

DESCRIPTIONS: dict[tuple[str, str], str] = {
    ("*", "absence_id"): "The absence.",
    ("*", "account_id"): "The account.",
    ("*", "act_id"): "The registered act it rests on.",
    ("*", "action"): "The permission the rule is about, such as `project.read`.",
    ("*", "address"): "Address in words.",
    ("*", "administrative_unit_id"): "The city, district or rural district.",
    ("*", "alias"): "The extra name; null takes it away.",
    ("*", "appointment_id"): "The appointment.",
    ("*", "assertion_id"): "The assertion.",
    ("*", "at_least_policy_version"): (
        "Do nothing unless this version of the policy, or a later one, is in force: what a client "
        "sends that has just published a version."
    ),
    ("*", "bin"): "Business identification number: 12 digits, the last a check digit.",
    ("*", "body_id"): "The state body that issued it; none: a body outside the system.",
    ("*", "budget_program_code"): "Code of the budget program that pays.",
    ("*", "certificate_expires_on"): "Last day of the certificate; personal data.",
    ("*", "certificate_level"): "Level of the project management certificate; personal data.",
    ("*", "certificate_number"): "Number of the certificate; personal data.",
    ("*", "chair_id"): "The person who chairs.",
    ("*", "code"): "Code, unique among its like.",
    ("*", "condition"): "Code of the condition under which the rule holds; `*`: always.",
    ("*", "confirming_document"): "Particulars of the document that confirms execution.",
    ("*", "confirming_file_id"): "The uploaded file of that document.",
    ("*", "contractual"): "Whether customer and contractor have a contract [R2023 §88].",
    ("*", "country_id"): "The country.",
    ("*", "created_on"): "Day of creation; today if left out.",
    ("*", "dated_on"): "Date of the document.",
    ("*", "deadline"): "No program or project that serves the priority may end later [R2023 §9].",
    ("*", "deputy_ids"): "The deputy chairs; the head of the project office is one [R2023 §51].",
    ("*", "description"): "What it is about.",
    ("*", "despite"): (
        "Why assertions that hold now may be broken; left out: none may (product default)."
    ),
    ("*", "direction_id"): "The basic direction.",
    ("*", "draft_id"): "The draft.",
    ("*", "due_on"): "Last day.",
    ("*", "effect"): "`allow` or `deny`; a denial wins over every allow.",
    ("*", "email"): "E-mail address; personal data.",
    ("*", "ends_on"): "Last day.",
    ("*", "executor_id"): "Who does it.",
    ("*", "expected"): "What must come out.",
    ("*", "expected_head"): "Number of the version in force, as the editor saw it.",
    ("*", "expected_version"): (
        "The `version` the client read. If somebody changed the object since, the answer is "
        "CONFLICT and nothing happens."
    ),
    ("*", "expires_on"): "Last day.",
    ("*", "family_name"): "Family name.",
    ("*", "file_id"): "The uploaded document.",
    ("*", "financing_class"): "Class by who the customer is [R2023 App.6(6)].",
    ("*", "first_day"): "First day of the new holder; today if left out.",
    ("*", "form"): "How the project office is organised [R2023 §55].",
    ("*", "format"): "How the file is written.",
    ("*", "given_name"): "Given name.",
    ("*", "goal"): "The goal.",
    ("*", "group_id"): "The project group.",
    ("*", "group_number"): "Which implementation group of the direction [R2023 §64].",
    ("*", "idempotency_key"): (
        "Any text that is new for each intended act, up to 200 letters. The same mutation sent "
        "again with the same key, within 30 days, does nothing and answers the same."
    ),
    ("*", "held_at_id"): "Where the role is thought of as held; at the object itself if left out.",
    ("*", "hours"): "Hours it is good; as the settings say if left out.",
    ("*", "iin"): "Individual identification number: 12 digits; personal data.",
    ("*", "implementing_body"): "Who carries it out.",
    ("*", "issuer"): "Who vouches: the issuer of the tokens.",
    ("*", "kato"): "Code of Kazakhstan's classifier of territories (KATO).",
    ("*", "key_id"): "The service key.",
    ("*", "kind"): "What it is.",
    ("*", "label"): "What it is called.",
    ("*", "last_day"): "Last day, which still counts; today if left out.",
    ("*", "latitude"): "Degrees north, WGS 84.",
    ("*", "lead_priority_id"): "The one of the priorities that leads.",
    ("*", "location_id"): "The location.",
    ("*", "longitude"): "Degrees east, WGS 84.",
    ("*", "member_ids"): "The other members.",
    ("*", "move_id"): "The proposed move.",
    ("*", "names"): "Name in one to three languages.",
    ("*", "nationwide"): "The project happens in the whole country; then there is no region.",
    ("*", "new_parent_id"): "What it is to lie in.",
    ("*", "node_id"): "The object of the tree.",
    ("*", "note"): "Why it matters.",
    ("*", "number"): "Number of the document.",
    ("*", "office_id"): "The project office.",
    ("*", "organization_unit_id"): "The unit; it brings its body.",
    ("*", "owner_id"): "The person who answers for the information system.",
    ("*", "parent_id"): "What it lies in.",
    ("*", "patronymic"): "Patronymic.",
    ("*", "person_id"): "The person.",
    ("*", "phone"): "Telephone; personal data.",
    ("*", "plugin"): "Id of the plugin, as `plugins { id }` tells it.",
    ("*", "portfolio_deadline"): (
        "Deadline of the portfolio: nothing that serves the priority ends later [R2023 §9]."
    ),
    ("*", "portfolio_goal"): "Goal of the portfolio.",
    ("*", "post"): "Post held in the body.",
    ("*", "predecessor_id"): "What must be done before.",
    ("*", "priority_id"): "The national priority.",
    ("*", "priority_ids"): "The national priorities it serves, at least one.",
    ("*", "product_class"): "Class by product [R2023 App.6(4)].",
    ("*", "product_has_priority"): (
        "Whether the product has priority, which lets the days of an urgent project change "
        "[R2023 App.6(5)]."
    ),
    ("*", "program_id"): "The program.",
    ("*", "project_id"): "The project.",
    ("*", "reason"): "Why.",
    ("*", "region"): (
        "Code of the region in which it holds. Left out: everywhere, or that of the draft."
    ),
    ("*", "region_id"): "The region.",
    ("*", "relation"): (
        "How the place of the role lies to the object: `tree` (there and below), `self`, `up`, "
        "`region` ..."
    ),
    ("*", "responsible_unit_id"): "The responsible unit, of the same body.",
    ("*", "result"): "The result or product.",
    ("*", "retention"): "How long it is kept; ten years if left out (product default).",
    ("*", "role"): "Code of the role; the query `roles` lists them.",
    ("*", "rule"): "Id of the rule; that of an added one begins with `local:`.",
    ("*", "scale_class"): "Class by scale [R2023 App.6(3)].",
    ("*", "scopes"): "The actions the key may use, out of those its owner holds.",
    ("*", "special_regime"): "Astana, Almaty or Shymkent [R2023 §12].",
    ("*", "session_id"): "The session.",
    ("*", "starts_on"): "First day.",
    ("*", "state_body_id"): "The state body.",
    ("*", "subject"): "Whom the issuer names.",
    ("*", "task"): "The task of the program it answers.",
    ("*", "task_id"): "The task.",
    ("*", "text"): "What was learned.",
    ("*", "time_class"): "Class by restriction of time [R2023 App.6(5)].",
    ("*", "title"): "Title of the document.",
    ("*", "to_stage"): "The stage it is to go to.",
    ("*", "unit_id"): "The unit.",
    ("addPolicyAssertion", "action"): "The permission, such as `project.read`.",
    ("addPolicyAssertion", "person_id"): "Whom it is about; or name a role.",
    ("addPolicyAssertion", "region_id"): (
        "For the administrators of this region; left out: national."
    ),
    ("addPolicyAssertion", "role"): "Code of the role it is about; or name a person.",
    ("createPolicyDraft", "region_id"): "For the own rules of this region; left out: national.",
    ("createPolicyDraft", "title"): "What the draft is called.",
    ("importPolicyDraft", "text"): "Everything that stands in the file.",
    ("rollBackPolicy", "number"): "Number of the version; 0: the rules as they were delivered.",
    ("endAbsence", "last_day"): "Last day away; yesterday if left out.",
    ("recordAbsence", "first_day"): "First day away.",
    ("recordAbsence", "last_day"): "Last day away; until further notice if left out.",
    ("recordAbsence", "person_id"): "Who is away.",
    ("recordAbsence", "reason"): "Why; personal data.",
    ("substituteAbsent", "appointment_id"): "The appointment of the absent performer.",
    ("substituteAbsent", "first_day"): "First day; today if left out.",
    ("substituteAbsent", "last_day"): "Last day; that of the absence if left out.",
    ("substituteAbsent", "person_id"): "Who is to act.",
    ("substituteVacant", "first_day"): "First day; today if left out.",
    ("substituteVacant", "last_day"): "Last day; a vacant place is not acted in for ever.",
    ("substituteVacant", "person_id"): "Who is to act.",
    ("approveCommitteeComposition", "expected_version"): (
        "The `version` of the committee the client read; left out for its first composition."
    ),
    ("approveCommitteeComposition", "first_day"): "First day; today if left out.",
    ("approveCommitteeComposition", "node_id"): (
        "The state body; under the 2021 edition the program."
    ),
    ("*", "valid_from"): "First day; today if left out.",
}
