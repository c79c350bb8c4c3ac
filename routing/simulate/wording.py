"""The words of the readable report, in English and Chinese."""

from typing import Literal

Language = Literal["en", "zh"]

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Simulation of {source}", "模拟：{source}"),
    "title_bare": ("Simulation", "模拟"),
    "seeds": (
        "{count} run(s), seeds {first} to {last}; ± is half of a 95 % interval",
        "共 {count} 次运行，种子 {first} 至 {last}；± 为 95 % 置信区间的一半",
    ),
    "rules_a": ("A: {name} ({hash})", "A：{name}（{hash}）"),
    "rules_b": ("B: {name} ({hash})", "B：{name}（{hash}）"),
    "unnamed": ("rule set", "规则集"),
    "in_all": ("All contacts", "全部联系"),
    "by_queue": ("By queue and tier", "按队列和客户等级"),
    "staff": ("Agents", "坐席"),
    "advice": ("Advice, from {count} run(s) of each variant", "建议（每种方案运行 {count} 次）"),
    "agent": ("One more agent in", "增加一名坐席"),
    "skill": ("Teach one more skill", "再培训一项技能"),
    "cap": ("Cap of the head start", "优先时间上限"),
    "proposed": (
        "Proposed: {cap} s, the smallest cap with at least 90 % of the gain",
        "建议：{cap} 秒，即达到至少 90 % 收益的最小上限",
    ),
    "no_cap": ("No cap saves value that can be told from chance.", "没有任何上限能带来可辨别的价值挽回。"),
    "measure": ("Measure", "指标"),
    "change": ("B - A", "B - A"),
    "verdict": ("Verdict", "结论"),
    "queue": ("Queue", "队列"),
    "tier": ("Tier", "等级"),
    "rules": ("Rules", "规则"),
    "group": ("Group", "坐席组"),
    "bound": ("Bound", "上限"),
    "everybody": ("all", "全部"),
    "offered": ("Offered", "呼入"),
    "answered": ("Answered", "应答"),
    "abandoned": ("Abandoned", "放弃"),
    "abandoned_short": ("  within 5 s", "  其中 5 秒内"),
    "turned_away": ("Turned away", "谢绝"),
    "left_over": ("Left at the end", "结束时未处理"),
    "service_level": ("Service level", "服务水平"),
    "service_level_a": ("  a: of the answered", "  a：占应答"),
    "service_level_b": ("  b: of all", "  b：占全部"),
    "service_level_d": ("  d: early leavers kept", "  d：早放弃计入"),
    "value_service_level": ("  weighted by value", "  按价值加权"),
    "asa": ("ASA", "平均应答速度"),
    "wait_p95": ("Wait, 95th percentile", "等待 95 分位"),
    "wait_longest": ("Longest wait", "最长等待"),
    "wait_longest_low": ("Longest wait, low half", "低价值最长等待"),
    "excess_wait": ("Excess wait", "超时等待"),
    "abandonment": ("Abandonment", "放弃率"),
    "value_lost": ("Value lost", "价值损失"),
    "aht": ("AHT", "平均处理时长"),
    "overtake": ("Largest overtake", "最大插队"),
    "agents": ("Agents", "人数"),
    "occupancy": ("Occupancy", "占用率"),
    "idle_ratio": ("Idle, most / least", "空闲 最多/最少"),
    "better": ("better", "更好"),
    "worse": ("worse", "更差"),
    "more": ("more", "更多"),
    "less": ("less", "更少"),
    "same": ("no difference that can be told", "无可辨别的差异"),
    "untold": ("one run cannot tell", "无法判断"),
    "none": ("none", "无"),
}


def say(language: Language, key: str, **parts: object) -> str:
    """The word or sentence, with its parts filled in."""
    return WORDS[key][0 if language == "en" else 1].format(**parts)
