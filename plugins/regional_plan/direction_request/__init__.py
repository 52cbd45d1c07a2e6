"""Additional basic directions, by agreement with the Office."""
