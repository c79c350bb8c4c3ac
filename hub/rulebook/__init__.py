"""The rule sets of this installation: which decide now, how one comes into force, what they say of a contact.

Start at `book.Rulebook`, the only one that changes anything; `rows` reads and writes the tables, `abilities`
refuses what this hub could not carry out, `refusals` are the ways in which a change is refused.
"""

from hub.rulebook.abilities import BODY_MAX_BYTES, Ability, mistakes
from hub.rulebook.book import Changed, Routed, Rulebook
from hub.rulebook.refusals import BadRuleSet, BadTrial, Mistakes, UnknownRuleSet, WrongState
from hub.rulebook.rows import RuleSetRow, Step, Trial, body_of, find, history, published_body, steps_of

__all__ = [
    "BODY_MAX_BYTES",
    "Ability",
    "BadRuleSet",
    "BadTrial",
    "Changed",
    "Mistakes",
    "Routed",
    "RuleSetRow",
    "Rulebook",
    "Step",
    "Trial",
    "UnknownRuleSet",
    "WrongState",
    "body_of",
    "find",
    "history",
    "mistakes",
    "published_body",
    "steps_of",
]
