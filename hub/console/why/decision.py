"""Why this agent and this contact: a decision trace as an explanation."""

from hub import wire
from hub.console.why import lead as leads
from hub.console.why.names import Names
from hub.console.why.phrases import NOTHING, Said, Text, counted, joined, points, same, signed, span
from hub.console.why.words import HOURS, PARTS, REASONS, word
from routing.commands import Candidate, DecisionTrace

MERITS_MAX = 2
"""How many merits a headline names; the facts have all."""


def explain(trace: DecisionTrace, names: Names) -> wire.Explanation:
    """The whole explanation. Traces of older versions have fewer facts."""
    return wire.Explanation(
        headline=headline(trace, names),
        facts=[wire.WhyFact(kind, said.text) for kind, said in _facts(trace, names) if said],
        candidates=[candidate(each, each == trace.chosen, names) for each in _candidates(trace)],
        margin=_margin(trace),
        excluded=excluded(trace.excluded),
        lead=None if trace.lead is None else leads.view(trace.lead),
    )


def headline(trace: DecisionTrace, names: Names) -> Text:
    """One sentence without the chosen agent's name: it stands beside it."""
    said = _first_in_line(trace) if trace.regime == "agent_picks_contact" else _best_agent(trace, names)
    return said.text


def agents_in(trace: DecisionTrace) -> list[str]:
    """Ids of the agents whom the explanation names."""
    return [each.agent for each in _candidates(trace)]


def candidate(found: Candidate, chosen: bool, names: Names) -> wire.WhyCandidate:
    return wire.WhyCandidate(
        agent_id=found.agent,
        agent_name=names.agent(found.agent),
        chosen=chosen,
        score=found.score,
        parts=[
            wire.WhyPart(part.name, word(PARTS, part.name).text, part.points)
            for part in found.parts
            if part.points
        ],
    )


def excluded(counts: tuple[tuple[str, int], ...]) -> list[wire.WhyExcluded]:
    """Most frequent first, those without the skills last: they were never meant."""
    ordered = sorted(counts, key=lambda item: (item[0] == "not_in_target", -item[1], item[0]))
    return [
        wire.WhyExcluded(reason, word(REASONS, reason).text, count) for reason, count in ordered if count > 0
    ]


def kept_by(counts: tuple[tuple[str, int], ...]) -> Said:
    """ "2 busy, 1 offline": those who have the skills and cannot be asked, the most frequent reason first."""
    return joined(
        Said(f"{each.count} {each.label['en']}", f"{each.count} 位{each.label['zh']}")
        for each in excluded(counts)
        if each.reason != "not_in_target"
    )


def unfit(counts: tuple[tuple[str, int], ...]) -> Said:
    """How many agents do not have what the step asks for."""
    count = dict(counts).get("not_in_target", 0)
    if not count:
        return NOTHING
    who = counted(count, "agent does", "agents do", "位坐席")
    return Said(f"{who.en} not have the skills asked for.", f"{who.zh}不具备所需技能。")


def hours(calendar: tuple[str, str]) -> Said:
    """What the queue's hours said when the contact came; nothing when it was simply open."""
    state, reason = calendar
    if state == "open" and not reason:
        return NOTHING
    said = Said("the queue was open", "队列正在服务") if state == "open" else word(HOURS, state)
    because = Said(f": {reason}", f"：{reason}") if reason else NOTHING
    return Said("When it came, ", "到达时") + said + because + Said(".", "。")


# ------------------------------------------------------------------------------------------- headlines


def _first_in_line(trace: DecisionTrace) -> Said:
    waited = span(trace.waited_ms)
    said = Said(
        f"First in line when the agent became free: waited {waited.en}",
        f"坐席空闲时排在首位：已等待 {waited.zh}",
    )
    ahead_ms = trace.head_start_ms if trace.lead is None else trace.lead.lead_ms
    if ahead_ms > 0:
        ahead = span(ahead_ms)
        said += Said(f", counts as {ahead.en} more", f"，折合提前 {ahead.zh}")
    return said + Said(".", "。")


def _best_agent(trace: DecisionTrace, names: Names) -> Said:
    merits = [word(PARTS, name) for name, ahead in _differences(trace) if ahead > 0][:MERITS_MAX]
    said = Said("Best match of the free agents", "空闲坐席中最合适")
    if merits:
        listed = joined(merits)
        said += Said(f": {listed.en}", f"：{listed.zh}")
    if trace.runner_up is None:
        return said + Said("; nobody else was free.", "；没有其他空闲坐席。")
    ahead, second = points(_margin(trace) or 0), names.agent(trace.runner_up.agent)
    if not _margin(trace):
        return said + Said(
            f"; level with {second}, and free for longer.", f"；与 {second} 分数相同，空闲更久。"
        )
    return said + Said(f"; {ahead.en} ahead of {second}.", f"；领先 {second} {ahead.zh}。")


# ----------------------------------------------------------------------------------------------- facts


def _facts(trace: DecisionTrace, names: Names) -> list[tuple[str, Said]]:
    rule = names.rule(trace.rule, trace.rule_set)
    facts = [
        ("rule", Said(f"Routed by {rule.en}.", f"依据{rule.zh}。")),
        ("plan", _step(trace, names)),
        ("lead", leads.counts_as(trace, trace.lead)),
    ]
    if trace.lead is not None:
        facts.append(("overtaking", leads.overtaking(trace.lead)))
    kept = kept_by(trace.excluded)
    return [
        *facts,
        ("agent", _against_the_next(trace, names)),
        ("excluded", Said(f"Could not be asked: {kept.en}.", f"无法询问：{kept.zh}。") if kept else NOTHING),
        ("unfit", unfit(trace.excluded)),
        ("hours", hours(trace.calendar)),
        (
            "reserve",
            Said("The queue's reserve was open.", "该队列的预备组已启用。") if trace.reserve else NOTHING,
        ),
    ]


def _step(trace: DecisionTrace, names: Names) -> Said:
    queue = names.queue(trace.queue, trace.rule_set)
    return Said(
        f"Step {trace.step + 1} of its plan in {queue}.", f"{queue} 中路由计划的第 {trace.step + 1} 步。"
    )


def _against_the_next(trace: DecisionTrace, names: Names) -> Said:
    """The parts in which the chosen agent and the next one differ, the greatest difference first."""
    second, margin = trace.runner_up, _margin(trace)
    if second is None or margin is None:
        return NOTHING
    name = names.agent(second.agent)
    listed = joined(
        word(PARTS, part) + same(f" {signed(ahead)}") for part, ahead in _differences(trace) if ahead
    )
    because = Said(f": {listed.en}", f"：{listed.zh}") if listed else NOTHING
    size = points(abs(margin))
    if margin < 0:
        return Said(
            f"{name} would have fitted better by {size.en}{because.en}; the line came first.",
            f"{name} 本可高出 {size.zh}{because.zh}；但以排队顺序为先。",
        )
    if margin == 0:
        return Said(f"The same points as {name}{because.en}.", f"与 {name} 分数相同{because.zh}。")
    return Said(f"{size.en} ahead of {name}{because.en}.", f"领先 {name} {size.zh}{because.zh}。")


def _differences(trace: DecisionTrace) -> list[tuple[str, float]]:
    """By part, how much the chosen agent has more than the next, or at all when nobody else was free."""
    mine = {part.name: part.points for part in trace.chosen.parts}
    theirs = {} if trace.runner_up is None else {part.name: part.points for part in trace.runner_up.parts}
    ahead = {name: mine.get(name, 0) - theirs.get(name, 0) for name in (mine | theirs)}
    return sorted(ahead.items(), key=lambda item: (-abs(item[1]), item[0]))


def _margin(trace: DecisionTrace) -> float | None:
    if trace.margin is not None or trace.runner_up is None:
        return trace.margin
    return trace.chosen.score - trace.runner_up.score


def _candidates(trace: DecisionTrace) -> list[Candidate]:
    """Older traces have the first two only."""
    if trace.candidates:
        return list(trace.candidates)
    return [trace.chosen] if trace.runner_up is None else [trace.chosen, trace.runner_up]
