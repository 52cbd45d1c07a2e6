"""The log of decisions: what was denied, and who read what is personal."""
