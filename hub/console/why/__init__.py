"""Explanations: why this agent, why this contact, why nobody yet, and what would have to change.

The engine gives a trace; `decision.explain` and `wait.explain` make of it one `wire.Explanation`: a headline,
facts, and figures to draw, with every sentence in English and Chinese. Console, board, API and command line
show the same. `names` knows what people call things; `phrases` and `words` are the language.
"""
