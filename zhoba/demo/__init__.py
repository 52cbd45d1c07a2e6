"""Demonstration data: twenty akimats with made-up plans, and the World Bank's real portfolio."""

from __future__ import annotations

from zhoba.demo.filling import fill_demo
from zhoba.demo.roles import DEMO_ROLES, UNAPPOINTED

__all__ = ["DEMO_ROLES", "UNAPPOINTED", "fill_demo"]
