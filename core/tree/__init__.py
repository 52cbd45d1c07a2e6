"""The tree everything hangs in, and its closure: what lies above and below what."""
