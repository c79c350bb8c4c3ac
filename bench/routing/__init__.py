"""The routing engine at the size of a large company: single choices, growth, the full cycle.

`__main__.py` runs them. `company.py` draws who works and who calls, `shift.py` plays a shift and writes it
down, `scan.py` has the linear searches that ours are compared with. Everything is drawn by a seed, so the
same work is done in each run.
"""
