"""The host of plugins: finding them, checking them, putting them together with the core."""
