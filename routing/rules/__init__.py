"""Rule sets: which queue, skills and plan a contact gets, decided from facts about it.

A rule set is a JSON body (`ruleset.py` names its parts). It is checked as a whole, compiled once to closures
and never changed afterwards; the hash of its body names it. Start at `ruleset.py`.
"""
