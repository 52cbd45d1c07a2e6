"""Regions and the cities and districts in them: reference data of the platform."""
