"""Makes a bare checkout work, checks and draws its documents. Nothing in the product imports it."""
