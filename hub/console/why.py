"""Decisions in sentences: why this agent, and why nobody yet; in English and Chinese."""

from collections.abc import Callable, Mapping

from routing.commands import DecisionTrace

Sentence = dict[str, str]
"""One sentence per language ("en", "zh")."""

_REASONS: Mapping[str, tuple[str, str]] = {
    "asked_before": ("asked before", "刚刚询问过"),
    "aux": ("away", "离席"),
    "busy": ("busy", "忙碌"),
    "channel": ("not on this channel", "未开通该渠道"),
    "not_in_target": ("without the needed skills", "技能不符"),
    "not_responding": ("not responding", "未应答"),
    "offline": ("offline", "离线"),
    "unreachable": ("not reachable", "无法联系"),
}
_MERITS: Mapping[str, tuple[str, str]] = {
    "continuity": ("knows the customer", "了解该客户"),
    "skill_fit": ("fits the skills", "技能匹配"),
    "value_expertise": ("expertise for a valuable customer", "擅长服务高价值客户"),
    "idleness": ("free the longest", "空闲最久"),
}


def chosen(trace: DecisionTrace, agent_name: Callable[[str], str]) -> Sentence:
    """Why the offer went to its agent. `agent_name` gives the name of an agent id."""
    if trace.regime == "agent_picks_contact":
        en, zh = _first_in_line(trace)
    else:
        en, zh = _best_agent(trace, agent_name)
    unable = [(name, count) for name, count in trace.excluded if name != "not_in_target"]
    if unable:
        en += f" Could not be asked: {_counts(unable, 0)}."
        zh += f"无法询问：{_counts(unable, 1)}。"
    return {"en": f"{en} Rule {trace.rule}.", "zh": f"{zh}规则 {trace.rule}。"}


def waiting(pool: Mapping[str, int], ahead: int) -> Sentence:
    """Why a contact still waits.

    `pool` counts the agents of its present step by what keeps them ("free": nothing); `ahead` is how many
    contacts come before it in its queue.
    """
    free = pool.get("free", 0)
    kept = [(name, count) for name, count in sorted(pool.items()) if count and name != "free"]
    if not kept and not free:
        return {"en": "No agent has the needed skills.", "zh": "没有具备所需技能的坐席。"}
    if free and ahead:
        return {"en": f"{ahead} before it in line.", "zh": f"前面还有 {ahead} 位。"}
    if free:
        return {"en": "An agent is being found.", "zh": "正在分配坐席。"}
    en = f"Nobody who could help is free: {_counts(kept, 0)}."
    zh = f"可服务的坐席均不空闲：{_counts(kept, 1)}。"
    return {"en": en, "zh": zh}


def span(ms: int) -> tuple[str, str]:
    """A span in words, to the second: ("1 min 5 s", "1 分 5 秒")."""
    minutes, seconds = divmod(max(ms, 0) // 1000, 60)
    if not minutes:
        return f"{seconds} s", f"{seconds} 秒"
    return f"{minutes} min {seconds} s", f"{minutes} 分 {seconds} 秒"


def _first_in_line(trace: DecisionTrace) -> tuple[str, str]:
    waited, ahead = span(trace.waited_ms), span(trace.head_start_ms)
    en = f"First in line when the agent became free: waited {waited[0]}"
    zh = f"坐席空闲时排在首位：已等待 {waited[1]}"
    if trace.head_start_ms:
        en += f", customer value {trace.value} counts as {ahead[0]} more"
        zh += f"，客户价值 {trace.value} 折合提前 {ahead[1]}"
    return en + ".", zh + "。"


def _best_agent(trace: DecisionTrace, agent_name: Callable[[str], str]) -> tuple[str, str]:
    merits = [_MERITS[p.name] for p in trace.chosen.parts if p.points > 0 and p.name in _MERITS]
    en = "Best match among the free agents"
    zh = "空闲坐席中最合适"
    if merits:
        en += ": " + ", ".join(merit[0] for merit in merits)
        zh += "：" + "、".join(merit[1] for merit in merits)
    if trace.runner_up is None:
        return en + "; nobody else was free.", zh + "；没有其他空闲坐席。"
    name, second, first = (
        agent_name(trace.runner_up.agent),
        round(trace.runner_up.score),
        round(trace.chosen.score),
    )
    return f"{en} ({first} points, next {name} {second}).", f"{zh}（{first} 分，其次 {name} {second} 分）。"


def _counts(reasons: list[tuple[str, int]], language: int) -> str:
    words = [(count, _REASONS.get(name, (name, name))[language]) for name, count in reasons]
    if language:
        return "、".join(f"{count} 位{word}" for count, word in words)
    return ", ".join(f"{count} {word}" for count, word in words)
