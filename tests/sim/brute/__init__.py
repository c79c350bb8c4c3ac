"""A second engine, slow and obvious: plain lists of facts, each question answered by looking at all of them.

It shares with `routing` the vocabulary and the tables of `routing.transitions`, and no code that searches,
orders, counts or decides. The oracle tells both the same and compares every command. Start at `engine.py`.
"""
