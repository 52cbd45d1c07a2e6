"""GraphQL: composition, the read planner, limits, and the types of the core nouns."""
