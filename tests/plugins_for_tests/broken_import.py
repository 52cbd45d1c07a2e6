"""Needs a package that is not there."""

from __future__ import annotations

import a_package_nobody_installed  # noqa: F401
