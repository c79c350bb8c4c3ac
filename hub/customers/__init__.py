"""Customers: who it is, what they are worth and why, what happened before.

Every function takes a database connection inside the caller's transaction and the present instant; none keeps
state of its own. `identity` finds people by address, `scores` computes value and loyalty, `card` reads the
screen-pop and the story, `orders` answers for self-service. Agents and routing are not known here.
"""

from hub.customers.card import card, timeline
from hub.customers.identity import AddressKind, by_number, identify, name_of, normalise
from hub.customers.orders import order_status
from hub.customers.scores import (
    Score,
    apply_half_life,
    half_life_in_force,
    recompute,
    record_purchase,
    rescore,
    score_of,
    score_view,
)

__all__ = [
    "AddressKind",
    "Score",
    "apply_half_life",
    "by_number",
    "card",
    "half_life_in_force",
    "identify",
    "name_of",
    "normalise",
    "order_status",
    "recompute",
    "record_purchase",
    "rescore",
    "score_of",
    "score_view",
    "timeline",
]
