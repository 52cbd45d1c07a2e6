"""The platform without GraphQL: what is stored, who may do what, and the acts of the Rules.

Floors, lowest first; a module imports its own floor and the ones below it, never one above
(tests/conventions/test_imports.py):

    db < work, errors < audit, events < places, files, acts < people < tree < authority
    < hierarchy < imports
"""
