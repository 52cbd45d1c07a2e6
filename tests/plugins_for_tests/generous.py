"""Grants a permission that nobody defines, to a role that nobody has."""

from __future__ import annotations

from tests.plugins_for_tests.about import about
from zhoba.api import PluginInfo, Policies, grant, hookimpl


@hookimpl
def plugin_info() -> PluginInfo:
    return about("generous")


@hookimpl
def register_policies() -> Policies:
    return Policies(grants={"project_manager": [grant("generous.give")]})
