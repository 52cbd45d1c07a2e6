"""Versions of the unified project architecture that the Office sets."""
