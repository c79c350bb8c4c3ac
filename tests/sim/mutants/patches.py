"""The seeded bugs, as replacements of text that occurs exactly once in the engine's modules.

A patch names no file, so code may move from one module to another; when its text is gone or is there twice,
`apply` says so, because a mutant that is not one proves nothing.
"""

from dataclasses import dataclass
from pathlib import Path


class Stale(Exception):
    """The text that a mutant replaces is not there exactly once any more."""


@dataclass(frozen=True)
class Mutant:
    """A bug: `edits` are (text as it is, text with the bug)."""

    name: str
    about: str
    edits: tuple[tuple[str, str], ...]


def apply(mutant: Mutant, folder: Path) -> None:
    """Put the bug into the modules right under `folder`. Raises Stale."""
    for before, after in mutant.edits:
        found = [path for path in sorted(folder.glob("*.py")) if before in path.read_text(encoding="utf-8")]
        times = sum(path.read_text(encoding="utf-8").count(before) for path in found)
        if times != 1:
            raise Stale(f"{mutant.name}: its text occurs {times} times: {before!r}")
        found[0].write_text(found[0].read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


MUTANTS = (
    Mutant(
        "stale-head",
        "a line's cached head outlives the contact",
        (("if contact.place == self.head:", "if not self.waiting:"),),
    ),
    Mutant(
        "rona-leak",
        "a missed ring keeps the agent's capacity",
        (
            (
                "    release(state, agent, contact)\n    exclude(state, contact, agent, hard=hard)\n",
                "    if hard:\n        release(state, agent, contact)\n    contact.agent = None\n"
                "    exclude(state, contact, agent, hard=hard)\n",
            ),
        ),
    ),
    Mutant(
        "step-without-search",
        "a new step is entered and no idle agent asked",
        (
            (
                '        replace(state, contact, "step_over")\n',
                "        enter_step(state, contact, contact.step + 1)\n        reorder(state, contact)\n",
            ),
        ),
    ),
    Mutant(
        "old-offer",
        "an accept of an old offer counts for the agent's present one",
        (
            (
                "    offer = state.offers.get(offer_id)\n    if offer is None:\n        state.ignore(event,",
                "    offer = state.offers.get(offer_id)\n"
                "    others = [o for o in state.offers.values() if o.agent.agent == agent]\n"
                "    offer = offer or next(iter(others), None)\n"
                "    if offer is None:\n        state.ignore(event,",
            ),
        ),
    ),
    Mutant(
        "wrap-up-twice",
        "the end of the talk frees the agent, and the end of the wrap-up once more",
        (
            (
                "    contact.wrap_up_until_ms = state.now_ms + wrap_up_ms\n",
                "    contact.wrap_up_until_ms = state.now_ms + wrap_up_ms\n"
                "    contact.agent.contacts.pop(contact.contact, None)\n"
                "    state.roster.refresh(contact.agent)\n",
            ),
            (
                "        del agent.contacts[contact.contact]\n    contact.agent = None\n",
                "        agent.contacts.pop(contact.contact, None)\n    contact.agent = None\n",
            ),
        ),
    ),
    Mutant(
        "boost-over-cap",
        "a boost carries a contact past the cap of the lead",
        (("return (cap if base > cap else base if base > 0 else 0)", "return (base if base > 0 else 0)"),),
    ),
    Mutant(
        "endless-exclusion",
        "a soft exclusion has no end",
        (
            (
                "[e.cool_at_ms if e.hard else e.until_ms for e in contact.exclusions.values()]\n"
                "    if turns:\n        state.timers.arm(",
                "[e.cool_at_ms for e in contact.exclusions.values() if e.hard]\n"
                "    if turns:\n        state.timers.arm(",
            ),
        ),
    ),
    Mutant(
        "requeue-loses-key",
        "an offer that came to nothing costs the contact its place",
        (
            (
                "    contact.offers_failed += 1\n",
                "    contact.offers_failed += 1\n    contact.enqueued_at_ms = state.now_ms\n",
            ),
        ),
    ),
    Mutant(
        "transfer-loses-wait",
        "a transfer begins the customer's wait anew",
        (
            (
                "    contact.owner, contact.hops = agent.agent, contact.hops + 1\n",
                "    contact.owner, contact.hops = agent.agent, contact.hops + 1\n"
                "    contact.enqueued_at_ms = state.now_ms\n",
            ),
        ),
    ),
    Mutant(
        "tick-order",
        "of equal deadlines the one armed last fires first",
        (("timer = [at_ms, self.sequence, kind, record]", "timer = [at_ms, -self.sequence, kind, record]"),),
    ),
    Mutant(
        "never-mature",
        "a lead that is full goes on growing",
        (
            (
                "while state.maturing and state.maturing[0]",
                "while state.explain is None and state.maturing[0]",
            ),
        ),
    ),
    Mutant(
        "no-hysteresis",
        "a reserve closes as soon as it would not open",
        (
            (
                "elif count <= reserve.close_waiting and waits_ms <= reserve.close_wait_ms:",
                "elif count < max(reserve.open_waiting, 1):",
            ),
        ),
    ),
    Mutant(
        "slot-given-away",
        "the place of a parked contact is given to another",
        (("kept = min(self.return_slots, parked[index])", "kept = 0"),),
    ),
    Mutant(
        "matrix-reversed",
        "the interrupt matrix is read the wrong way round",
        (
            (
                "blocked[CHANNEL_INDEX[incoming]].add(CHANNEL_INDEX[held])",
                "blocked[CHANNEL_INDEX[held]].add(CHANNEL_INDEX[incoming])",
            ),
        ),
    ),
    Mutant(
        "no-ramp",
        "who has just come back is flooded",
        (("    if agent.ramp_until_ms > now_ms:\n", "    if agent.ramp_until_ms < 0:\n"),),
    ),
    Mutant(
        "one-retry-more",
        "a callback is tried once more than allowed",
        (("return contact.callback.attempts < max(", "return contact.callback.attempts <= max("),),
    ),
    Mutant(
        "two-callbacks",
        "a customer has two callbacks at once",
        (("    if customer in state.callers:\n", "    if customer in ():\n"),),
    ),
    Mutant(
        "trial-for-all",
        "every contact lives by the queues on trial",
        (("if rule_set and rule_set == self.trial and queue", "if self.trial and queue"),),
    ),
    Mutant(
        "bound-without-targets",
        "the overtaking bound forgets the service-level targets",
        (("max(reach + _greatest_target_ms(queue), 0)", "max(reach, 0)"),),
    ),
    Mutant(
        "overtake-unseen",
        "nobody looks whom a freed agent passes over",
        (
            (
                "if overtaken is not None and overtaken.enqueued_at_ms >= contact.enqueued_at_ms:",
                "if overtaken:",
            ),
        ),
    ),
    Mutant(
        "stranded",
        "a soft exclusion holds although nobody else is there",
        (("return everyone if others else hard", "return everyone"),),
    ),
    Mutant(
        "owner-forgotten",
        "a contact does not go back to who passed it on",
        (("contact.to_owner = goes_home(state, contact)", "contact.to_owner = False"),),
    ),
    Mutant(
        "pending-asked",
        "who is about to go away is asked for more",
        (("            or record.pending is not None\n", ""),),
    ),
    Mutant(
        "owner-late",
        "an owner who comes back to work is not given what should have gone back to it",
        (("            if goes_home(state, contact):\n", "            if contact.offer is not None:\n"),),
    ),
    Mutant(
        "step-unarmed",
        "nobody is woken when a waiting contact's step is over",
        (
            (
                "            state.timers.arm(_STEP, contact, contact.step_until_ms)\n",
                "            pass\n",
            ),
        ),
    ),
    Mutant(
        "span-unsorted",
        "the deadlines of the same second fire in the order of arming",
        (
            (
                "        self._dead -= len(span) - len(self._near)\n        heapq.heapify(self._near)\n",
                "        self._dead -= len(span) - len(self._near)\n",
            ),
        ),
    ),
    Mutant(
        "decay-unnoticed",
        "a skill that has gone down still counts",
        (("    if changed:\n        _changed(state, agent)\n", ""),),
    ),
    Mutant(
        "rates-mixed",
        "places of different ageing rates are compared as they are",
        (
            (
                "for contact in in_order(ringing, state.now_ms):",
                "for contact in sorted(ringing, key=lambda contact: contact.place):",
            ),
        ),
    ),
    Mutant(
        "freed-out-of-turn",
        "a contact that comes back asks its freed agent before those who waited",
        (("without = 1 << unfed.index if unfed is not None else 0", "without = 0"),),
    ),
    Mutant(
        "snapshot-loses-boost",
        "a boost does not outlive a restart",
        (('    "boost_ms",\n', ""),),
    ),
    Mutant(
        "park-holds",
        "a parked contact goes on holding capacity",
        (
            (
                "    del agent.contacts[contact.contact]\n    agent.parked[contact.contact] = contact\n",
                "    agent.parked[contact.contact] = contact\n",
            ),
        ),
    ),
)
