"""What happened, told to whoever listens: written with the act, read after it."""
