"""The simulator: the engine itself on a virtual clock, under a described day or a recorded one.

`simulate(rules, day, seed)` is one run and gives a `Tally`; the same three give the same tally, byte for
byte. Start at `run.py`; `scenario.py` says what a described day is, `recorded.py` what a real one is,
`report.py` turns the tallies of many seeds under one or two rule sets into numbers with intervals. Randomness
comes from seeded generators only, and nothing that the rules do draws from them, so two rule sets see the
same customers.
"""
