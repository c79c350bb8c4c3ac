"""Storage: one writer with group commit, readers beside it, tables and migrations. No business rules here."""
