"""Plugins as the core sees them: what they say of themselves, and where they are switched on."""
