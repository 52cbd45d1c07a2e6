"""The append-only record of every act, chained by hashes per state body."""
