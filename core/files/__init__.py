"""Files: content-addressed on disk, their description in the database."""
