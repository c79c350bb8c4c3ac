"""Seeded bugs: small patches of the engine, each of which the suite must find (`make mutants`)."""
