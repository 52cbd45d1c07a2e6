"""Inspections of projects by a named inspector: the plugin that uses every hook.

It exists for the tests and as an example to copy; no paragraph of the Rules stands behind it.
"""
