"""The words that people read rule sets in, each in English and Chinese."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages. Whatever is said is built once, from these."""

    en: str
    zh: str

    def __add__(self, other: "Words | str") -> "Words":
        if isinstance(other, str):
            return Words(self.en + other, self.zh + other)
        return Words(self.en + other.en, self.zh + other.zh)

    def within(self, before: "Words", after: "Words") -> "Words":
        return before + self + after

    def plain(self) -> dict[str, str]:
        """As JSON: `{en, zh}`."""
        return {"en": self.en, "zh": self.zh}

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def same(text: object) -> Words:
    """What is the same in both languages: an id, a name, a value."""
    return Words(str(text), str(text))


def listed(items: Iterable[Words]) -> Words:
    """Items after each other, separated by the language's comma."""
    items = list(items)
    return Words(", ".join(item.en for item in items), "、".join(item.zh for item in items))


def phrases(items: Iterable[Words]) -> Words:
    """Phrases after each other."""
    items = list(items)
    return Words(", ".join(item.en for item in items), "，".join(item.zh for item in items))


def quoted(words: Words) -> Words:
    return words.within(Words("“", "“"), Words("”", "”"))


def seconds(value: float) -> Words:
    return Words(f"{value:g} s", f"{value:g} 秒")


AND = Words(" and ", " 且 ")
OR = Words(" or ", " 或 ")
DEFAULT = Words("the default", "默认值")
NONE = Words("none", "无")
YES = Words("yes", "是")
NO = Words("no", "否")
ANYONE = Words("anyone", "任何坐席")

STEP_AGENTS = {
    "last": Words("the agent who served last", "上次服务的坐席"),
    "preferred": Words("the preferred agent", "首选坐席"),
    "owner": Words("the owner of the case", "案件负责人"),
}
ENDS = {
    "hold": Words("and hold", "然后继续等待"),
    "any_in_queue": Words("then anyone in the queue", "然后转给队列中任何坐席"),
    "overflow": Words("then on to queue ", "然后转到队列 "),
    "callback": Words("then the offer of a callback", "然后提供回电"),
    "voicemail": Words("then voicemail", "然后转语音信箱"),
    "return": Words("then back to who passed it on", "然后退回转出者"),
    "turn_away": Words("asked to try later", "请其稍后再试"),
}
ORDERS = {
    "head_start": Words("head start", "提前量"),
    "accumulating": Words("accumulating", "累积优先"),
    "strict": Words("strictly by value", "严格按价值"),
}
DAYS = {
    "mon": Words("Monday", "周一"),
    "tue": Words("Tuesday", "周二"),
    "wed": Words("Wednesday", "周三"),
    "thu": Words("Thursday", "周四"),
    "fri": Words("Friday", "周五"),
    "sat": Words("Saturday", "周六"),
    "sun": Words("Sunday", "周日"),
}
QUEUE_ASPECTS = {
    "name": Words("name", "名称"),
    "pool": Words("pool", "坐席池"),
    "order": Words("order", "排序方式"),
    "ageing_percent": Words("ageing", "等待加权"),
    "by_target": Words("order by targets", "按目标排序"),
    "head_start_max_s": Words("greatest head start", "最大提前量"),
    "sl_target_s": Words("service-level target", "服务水平目标"),
    "targets": Words("targets by tier", "各等级目标"),
    "length_max": Words("greatest length", "最大长度"),
    "full": Words("way out when full", "队列满时的处理"),
    "overflows": Words("overflow", "溢出条件"),
    "reserve": Words("reserve", "后备坐席"),
    "plan": Words("own plan", "自身计划"),
    "calendar": Words("calendar", "日历"),
    "when_closed": Words("way out when closed", "非营业时的处理"),
    "ring_s": Words("ring time", "振铃时长"),
    "delivery_s": Words("delivery time", "送达时限"),
    "setup_s": Words("set-up time", "接通时限"),
    "wrap_up_s": Words("wrap-up time", "话后整理时长"),
    "exclusion_s": Words("exclusion after a rejection", "拒接后的排除时长"),
    "attempts_max": Words("number of callback attempts", "回电次数"),
    "gap_s": Words("time between callback attempts", "回电间隔"),
    "dial_s": Words("dialling time of a callback", "回电振铃时长"),
    "window_s": Words("callback window", "回电时段"),
}
OUTCOME_ASPECTS = {
    "queue": Words("queue", "队列"),
    "skills": Words("skills", "技能"),
    "prefers": Words("preferences", "优先技能"),
    "steps": Words("steps", "步骤"),
    "end": Words("end of the plan", "计划结尾"),
    "offers_max": Words("greatest number of offers", "最多派单次数"),
    "head_start_cap_s": Words("cap of the head start", "提前量上限"),
}
CALENDAR_ASPECTS = {
    "name": Words("name", "名称"),
    "time_zone": Words("time zone", "时区"),
    "open": Words("opening hours", "营业时间"),
    "holidays": Words("holidays", "节假日"),
    "emergencies": Words("emergencies", "紧急关闭"),
}
