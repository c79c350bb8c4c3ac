"""What docs/routing.md shows of the engine: small scenes played on it, printed as text or drawn as pictures.

`scene.py` is the stage, `charts.py` draws, each other module plays some scenes; `python -m
scripts.show_routing` shows them. Nothing here decides: every number is the engine's or the simulator's.
"""
