"""Figures: what an import costs, how long reads take. See README.md."""
