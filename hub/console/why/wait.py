"""Why nobody yet, and what would have to change: a wait trace as an explanation."""

from hub import wire
from hub.console.why import lead as leads
from hub.console.why.decision import excluded, hours, kept_by, unfit
from hub.console.why.names import Names
from hub.console.why.phrases import NOTHING, Said, Text, counted, interval, number, quoted, some_of, span
from hub.console.why.words import ENDS, FREED, SOMEHOW_FREED, word
from routing.commands import Change, Expected, WaitTrace


def explain(trace: WaitTrace, names: Names, now_ms: int) -> wire.Explanation:
    """The whole explanation; `now_ms` is the instant of the trace."""
    return wire.Explanation(
        headline=headline(trace),
        facts=[wire.WhyFact(kind, said.text) for kind, said in _facts(trace, names, now_ms) if said],
        changes=[
            wire.WhyFact(each.kind, change(each, names, trace.rule_set, now_ms).text)
            for each in trace.changes
        ],
        excluded=excluded(trace.excluded),
        lead=leads.view(trace.lead),
    )


def headline(trace: WaitTrace) -> Text:
    """Why not yet, in one sentence."""
    return why_not_yet(trace.target, trace.excluded, trace.ahead)


def why_not_yet(target: int, counts: tuple[tuple[str, int], ...], ahead: int) -> Text:
    """`target`: agents that the present step could ask at all; `counts`: by what keeps them."""
    kept = kept_by(counts)
    keeps = sum(count for reason, count in counts if reason != "not_in_target")
    if not target:
        said = Said("Nobody has the skills that are asked for now.", "目前没有坐席具备所需技能。")
    elif keeps >= target:
        said = Said(f"Nobody who could help is free: {kept.en}.", f"可服务的坐席均不空闲：{kept.zh}。")
    elif ahead:
        before = counted(ahead, "contact comes", "contacts come", "位客户")
        said = Said(f"{before.en} first.", f"前面还有 {before.zh}。")
    else:
        said = Said("An agent is being found.", "正在分配坐席。")
    return said.text


def agents_in(trace: WaitTrace) -> list[str]:
    """Ids of the agents whom the explanation names."""
    return [agent for each in trace.changes for agent in each.agents]


def foreseen(expected: Expected | None) -> wire.ExpectedWait | None:
    """The interval for the wire; None when nothing can be said."""
    if expected is None:
        return None
    return wire.ExpectedWait(expected.low_ms, expected.likely_ms, expected.high_ms)


# ----------------------------------------------------------------------------------------------- facts


def _facts(trace: WaitTrace, names: Names, now_ms: int) -> list[tuple[str, Said]]:
    rule, queue = names.rule(trace.rule, trace.rule_set), names.queue(trace.queue, trace.rule_set)
    place = f"{number(trace.ahead + 1)}", f"{number(max(trace.waiting, trace.ahead + 1))}"
    return [
        (
            "place",
            Said(
                f"Number {place[0]} of {place[1]} in {queue}.",
                f"{queue}：第 {place[0]} 位，共 {place[1]} 位。",
            ),
        ),
        ("expected", _expected(trace.expected)),
        ("lead", leads.counts_as(trace, trace.lead)),
        ("bound", leads.bound(trace.lead.bound_ms)),
        ("rule", Said(f"Routed by {rule.en}.", f"依据{rule.zh}。")),
        ("plan", _step(trace, now_ms)),
        ("unfit", unfit(trace.excluded)),
        ("hours", hours(trace.calendar)),
    ]


def _expected(expected: Expected | None) -> Said:
    if expected is None:
        return Said("How long it will take cannot be foreseen.", "暂时无法预计还需多久。")
    between = interval(expected.low_ms, expected.high_ms)
    return Said(
        f"Probably {between.en} more (true in four of five cases).",
        f"预计还需 {between.zh}（五次中有四次如此）。",
    )


def _step(trace: WaitTrace, now_ms: int) -> Said:
    if trace.step >= trace.steps:
        said = Said(
            "Its plan is over: anyone of the queue may be asked", "路由计划已结束：队列中任何坐席都可接手"
        )
    else:
        said = Said(
            f"Step {trace.step + 1} of {trace.steps} of its plan",
            f"路由计划第 {trace.step + 1} 步，共 {trace.steps} 步",
        )
    if trace.step_until_ms is not None:
        left = span(trace.step_until_ms - now_ms)
        said += Said(f", for {left.en} more", f"，还剩 {left.zh}")
    could = counted(trace.target, "agent has", "agents have", "位坐席")
    return said + Said(f"; {could.en} what is asked for.", f"；{could.zh}符合要求。")


# --------------------------------------------------------------------------------------------- changes


def change(what: Change, names: Names, rule_set: str, now_ms: int) -> Said:
    """What would have to happen, as a sentence."""
    when = _when(what.at_ms, now_ms)
    match what.kind:
        case "agent_freed":
            return _freed(what, names)
        case "step":
            more = counted(what.count, "more agent who is", "more agents who are", "位空闲坐席")
            if not what.count:
                return when + Said(
                    " its plan goes on; nobody more is free for it now.",
                    "路由计划进入下一步；目前没有更多空闲坐席。",
                )
            return when + Said(
                f" its plan goes on: {more.en} free now can then be asked.",
                f"路由计划进入下一步：可再询问 {more.zh}。",
            )
        case "skill":
            return _skilled(what, names, rule_set)
        case "cooled":
            return when + _cooled(what, names)
        case "reserve":
            help_ = counted(what.count, "agent helps", "agents help", "位坐席")
            until = (
                NOTHING
                if what.at_ms is None
                else Said(f", {_lower(when.en)} at the latest", f"（最迟 {when.zh}）")
            )
            return Said(
                f"The queue's reserve opens{until.en}: {help_.en} out.",
                f"该队列启用预备组{until.zh}：增加 {help_.zh}。",
            )
        case "end":
            end = word(ENDS, what.reason or "hold")
            return Said(f"{when.en} its plan ends: {end.en}.", f"{when.zh}路由计划结束：{end.zh}。")
        case "ahead":
            before = (
                "The one before it is served."
                if what.count == 1
                else f"The {number(what.count)} before it are served."
            )
            return Said(before, f"前面的 {number(what.count)} 位客户得到服务。")


def _when(at_ms: int | None, now_ms: int) -> Said:
    if at_ms is None:
        return Said("Later", "之后")
    if at_ms <= now_ms:
        return Said("Now", "现在")
    left = span(max(at_ms - now_ms, 1000))
    return Said(f"In {left.en}", f"{left.zh}后")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _freed(what: Change, names: Names) -> Said:
    does = FREED.get(what.reason or "") or SOMEHOW_FREED
    called = [names.agent(agent) for agent in what.agents]
    if what.count == 1:
        who = Said(called[0], f"{called[0]} ") if called else Said("One agent", "1 位坐席")
        return Said(f"{who.en} {does.en}.", f"{who.zh}{does.zh}。")
    listed = some_of(called, what.count)
    known = Said(f" ({listed.en})", f"（{listed.zh}）") if listed else NOTHING
    return Said(
        f"One of {number(what.count)} agents{known.en} {does.en}.",
        f"{number(what.count)} 位坐席{known.zh}中有一位{does.zh}。",
    )


def _cooled(what: Change, names: Names) -> Said:
    called = [names.agent(agent) for agent in what.agents]
    if what.count > 1:
        listed = some_of(called, what.count)
        known = Said(f" ({listed.en})", f"（{listed.zh}）") if listed else NOTHING
        return Said(
            f" the first of {number(what.count)} agents who were asked before{known.en} can be asked again.",
            f"可再次询问 {number(what.count)} 位询问过的坐席{known.zh}中的第一位。",
        )
    if not called:
        return Said(" an agent who was asked before can be asked again.", "可再次询问 1 位询问过的坐席。")
    return Said(f" {called[0]}, who was asked before, can be asked again.", f"可再次询问 {called[0]}。")


def _skilled(what: Change, names: Names, rule_set: str) -> Said:
    skill = quoted(names.skill(what.skill or "", rule_set))
    level = (
        NOTHING
        if not what.level or what.level <= 1
        else Said(f" at level {what.level}", f"（{what.level} 级）")
    )
    free = counted(what.count, "agent who is", "agents who are", "位空闲坐席")
    return Said(
        f"With the skill {skill.en}{level.en}, {free.en} free now could be asked.",
        f"若具备技能{skill.zh}{level.zh}，现在可询问 {free.zh}。",
    )
