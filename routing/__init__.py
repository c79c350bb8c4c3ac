"""The routing engine: a deterministic state machine, events in, commands out.

Nothing here reads a clock, does I/O, logs, draws random numbers or imports another package of Rapport.
Start at `engine.py`; the vocabulary is in `types.py`, what may happen in `events.py`, what the engine asks
for in `commands.py`.
"""
