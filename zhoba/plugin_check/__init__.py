"""``zhoba plugins check``: what an author has still to do before others use the plugin."""
