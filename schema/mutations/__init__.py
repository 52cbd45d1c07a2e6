"""Mutations: one input, one act of the Rules, one transaction, one answer.

A mutation is a row of a table (:mod:`schema.mutations.table`) that names a verb of core. Its input
follows from the verb's signature (:mod:`schema.mutations.inputs`), its description from the verb's
docstring. Everything around the verb is the same for all of them and stands in
:mod:`schema.mutations.acting`: who is signed in, the transaction, idempotency, the payload read by
the planner inside it, refusals as ``userErrors``.
"""
