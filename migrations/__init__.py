"""Migrations: one environment, one version table per owner of tables."""
