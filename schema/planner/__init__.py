"""The read planner: one GraphQL root field, one SQL statement, the reader's authority inside.

A noun is *bound* once. Its GraphQL type, its pages, filters, orders and statistics, and the SQL
behind them are all made from the binding, so they cannot drift apart::

    lesson = bind(
        "Lesson", Lesson, "An entry of a project's lessons log.",
        [
            ident(),
            col("text", Lesson.text, "What was learnt.", search=Lesson.text),
            col("recordedAt", Lesson.recorded_at, "When.", where=True, order=True),
            one("project", "Project", lambda me, it: it[Project.id] == me[Lesson.project_id],
                "The project.", where=True),
        ],
        levels={Level.BASIC: "project.read"}, node=Lesson.project_id,
        interfaces=[NODE], order=["-recordedAt"],
    )
    registry.add(lesson)
    registry.root(Page("lessons", "All lessons the reader may read.", "Lesson"))
    registry.extend("Project", owner="lessons", fields=[connection(...)])

The words (:mod:`schema.planner.words`): ``ident`` the id; ``col`` a column, ``expr`` an SQL
expression; ``text3`` a name in three languages; ``money`` minor units and a currency; ``one``,
``many`` and ``connection`` lead to other nouns; ``aggregate`` counts and sums them; ``computed``
is worked out in Python from columns the planner brings along. ``where``, ``order``, ``group`` and
``total`` open a field to filters, orders and statistics.

What a reader may read: a row is visible at the basic or the full level of its noun. A field of a
higher level is null there, with the error FORBIDDEN at its path; filters and orders treat such a
value as unknown, sums leave it out, and personal fields cannot be filtered or sorted by at all. A
hidden object is null, or missing from its list.

What a plugin adds counts only where the plugin is on, which every statement asks of the database
by the region of the row (``bind(region=...)``): its fields on others' types are null elsewhere, its
filters and orders treat them as unknown, sums leave them out, and its own objects are not there.

From a request to its answer::

    binding, words      what nouns are          registry     checked together, extended by plugins
    generate, resolve   GraphQL types, and look-ups in the answer as their resolvers
    working             computed fields of plain values, worked out while the answer is read
    selection           what is selected; shapes and guards that let plans be used again
    compile, connection, aggregate, filters, order, roots     SQL that yields JSON text
    access              the one place that asks the policy    elements, row    pieces of SQL
    fragment            its conditions, compiled once for all statements of readers alike
    level               the levels of a statement, and the whole of it
    plan                finished statements, remembered       run     connections and snapshots
    reading             one request: ``info.context.reading`` executor    the short way out

A resolver of a payload reads the changed object inside its transaction with
``await info.context.reading.payload(info, "project", "Project", key, session=work.session)``.
"""
