"""Basis documents: the orders, directives, protocols, assignments and resolutions acts rest on."""
