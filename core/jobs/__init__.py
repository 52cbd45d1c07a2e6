"""Work that happens by the clock: jobs of plugins, on a queue in the database."""
