"""What administrators change in the rules: drafts, checks, versions.

The rules of the core and of plugins stay in code under stable ids. A version of the policy is the
list of an installation's changes to them, never a copy of them: a new release brings its new rules,
and the changes stay.
"""
