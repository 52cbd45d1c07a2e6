"""Bringing in data of other systems by a mapping file: validated, repeatable, audited."""
