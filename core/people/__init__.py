"""Persons, the accounts they sign in with, and the keys information systems use."""
