"""For authors of plugins: ``pytest_plugins = ["zhoba.testing"]`` in the ``conftest.py``.

Fixtures: ``database`` (both engines, ``--db sqlite`` for one), ``tree`` (two regions that are
alike), ``platform`` (the application with the plugin: persons with roles, acts, answers, the
statements they took). ``plugin_modules`` says which plugin is tested; see docs/plugins.md.
"""

pytest_plugins = ["zhoba.testing.databases", "zhoba.testing.platform"]
