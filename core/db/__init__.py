"""Engine, column types and the base of every table."""
