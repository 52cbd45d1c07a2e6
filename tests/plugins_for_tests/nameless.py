"""Does not say who it is."""
