"""The race: Zhoba's reads beside other GraphQL servers on the same PostgreSQL."""
