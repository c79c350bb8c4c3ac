"""The routing engine: a deterministic state machine, events in, commands out.

Nothing here reads a clock, does I/O, logs or imports another package of Rapport; only the simulator draws
random numbers, from seeds that it is given.
Start at `engine.py`; the vocabulary is in `types.py`, what may happen in `events.py`, what the engine asks
for in `commands.py`.
"""
