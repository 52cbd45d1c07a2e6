"""Tiny plugins, each with one thing that a test is about; most of them with one fault."""
