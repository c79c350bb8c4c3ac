"""The ways in which a change of the rules is refused; each message is a sentence for whoever asked."""

from collections.abc import Sequence

from routing.rules.ruleset import Problem


class Mistakes(Exception):
    """What was given has mistakes; `problems` lists all of them, with pointers into it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = list(problems)


class BadRuleSet(Mistakes):
    """The rule set has mistakes; the pointers lead into its body."""


class BadTrial(Mistakes):
    """There can be no such trial; the pointers lead to `percent` or into `queues`."""


class UnknownRuleSet(Exception):
    """There is no rule set with that hash (or beginning of one), or more than one begins so."""


class WrongState(Exception):
    """The rule set is not in a state from which this is possible."""
