"""Place in line in words and parts: what counts as wait, who was overtaken, and how far that may go."""

from hub import wire
from hub.console.why.phrases import Said, joined, span
from routing.commands import DecisionTrace, Lead, WaitTrace


def view(lead: Lead) -> wire.WhyLead:
    """The figures, with the parts that make up the lead."""
    return wire.WhyLead(
        lead_ms=lead.lead_ms,
        cap_ms=lead.cap_ms,
        target_ms=lead.target_ms,
        overtook_ms=lead.overtook_ms,
        bound_ms=lead.bound_ms,
        parts=[wire.WhyPart(name, label.text, amount) for name, label, amount in _parts(lead)],
    )


def _parts(lead: Lead) -> list[tuple[str, Said, int]]:
    """Named parts in ms; they add up to the lead."""
    at_once = lead.head_start_ms + lead.boost_ms
    floor = max(-at_once, 0)
    rest = lead.lead_ms - at_once - floor
    named = [
        ("head_start", Said("value and loyalty", "价值与忠诚度"), lead.head_start_ms),
        ("boost", Said("moved by hand", "人工调整"), lead.boost_ms),
        ("floor", Said("as a lead is never less than nothing", "提前量不低于零"), floor),
    ]
    if rest > 0:
        named.append(("ageing", Said("as waiting weighs more here", "等待加权"), rest))
    elif rest < 0:
        why = Said("over the most that is possible", "超出上限的部分")
        if lead.lead_ms < lead.cap_ms:
            why = Said("that does not count so far", "目前不计入")
        named.append(("limit", why, rest))
    return [part for part in named if part[2]]


def counts_as(trace: DecisionTrace | WaitTrace, lead: Lead | None) -> Said:
    """What the place in line is made of; of an old trace only the head start is known."""
    waited = span(trace.waited_ms)
    said = Said(f"Waited {waited.en}", f"已等待 {waited.zh}")
    if lead is None:
        head_ms = trace.head_start_ms if isinstance(trace, DecisionTrace) else 0
        if head_ms:
            ahead, worth = span(head_ms), _worth(trace)
            said += Said(f"; {worth.en} count as {ahead.en} more", f"；{worth.zh}折合提前 {ahead.zh}")
    elif lead.lead_ms:
        said += _and_lead(trace, lead)
    if lead is not None and lead.target_ms:
        target = span(lead.target_ms)
        said += Said(
            f"; its service-level target is {target.en}",
            f"；服务目标 {target.zh}",
        )
    return said + Said(".", "。")


def _worth(trace: DecisionTrace | WaitTrace) -> Said:
    return Said(
        f"customer value {trace.value} and loyalty {trace.loyalty}",
        f"客户价值 {trace.value} 与忠诚度 {trace.loyalty} ",
    )


def _and_lead(trace: DecisionTrace | WaitTrace, lead: Lead) -> Said:
    parts = []
    for name, label, amount in _parts(lead):
        size, minus = span(abs(amount)), "−" if amount < 0 else ""
        worth = _worth(trace)
        what = Said(f"for {worth.en}", f"{worth.zh}计") if name == "head_start" else label
        parts.append(Said(f"{minus}{size.en} {what.en}", f"{what.zh} {minus}{size.zh}"))
    total, listed = span(abs(lead.lead_ms)), joined(parts)
    more = Said("more", "提前") if lead.lead_ms > 0 else Said("less", "推后")
    return Said(
        f"; counts as {total.en} {more.en} ({listed.en})", f"；折合{more.zh} {total.zh}（{listed.zh}）"
    )


def overtaking(lead: Lead) -> Said:
    """Whom a decision served later than it came, and the bound that held."""
    if lead.overtook_ms <= 0:
        said = Said("It overtook nobody", "没有超越任何人")
    else:
        by = span(lead.overtook_ms)
        said = Said(f"It overtook somebody who had come {by.en} earlier", f"超越了早到 {by.zh}的客户")
    if lead.bound_ms is None:
        return said + Said(
            "; no bound holds here: a queue with the same agents goes by value alone.",
            "；此处没有上限：共用坐席的队列只按价值排序。",
        )
    bound = span(lead.bound_ms)
    return said + Said(f"; at most {bound.en} is possible here.", f"；此处上限为 {bound.zh}。")


def bound(bound_ms: int | None) -> Said:
    """What somebody who waits in a queue can rely on."""
    if bound_ms is None:
        return Said(
            "No bound: this queue, or one with the same agents, goes by value alone;"
            " whoever comes later may be served first, however late.",
            "没有上限：该队列或共用坐席的队列只按价值排序，无论多晚到的客户都可能先得到服务。",
        )
    if bound_ms == 0:
        return Said("Nobody who comes later is served first.", "晚到的客户不会先得到服务。")
    later = span(bound_ms)
    return Said(
        f"Nobody who comes more than {later.en} later is served first.",
        f"晚到超过 {later.zh}的客户不会先得到服务。",
    )
