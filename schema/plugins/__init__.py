"""Plugins as GraphQL shows them: which there are, where they are on, and the acts on them."""
