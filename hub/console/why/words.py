"""What the engine's names mean to people, in English and Chinese. An unknown name is shown as it is."""

from collections.abc import Mapping

from hub.console.why.phrases import Said, same

REASONS: Mapping[str, Said] = {
    "asked_before": Said("asked before", "刚刚询问过"),
    "aux": Said("away", "小休"),
    "busy": Said("busy", "忙碌"),
    "channel": Said("not on this channel", "未开通该渠道"),
    "interrupt": Said("holding work that does not go together with it", "手头工作不可与之并行"),
    "not_in_target": Said("without the skills asked for", "不具备所需技能"),
    "not_responding": Said("not responding", "未应答"),
    "offline": Said("offline", "离线"),
    "parked_slot": Said("keeping a place for a parked contact", "为搁置的会话保留名额"),
    "pending": Said("about to go away", "即将离开"),
    "ramping": Said("just back and given work slowly", "刚回岗、放缓分配"),
    "reserve": Said("in reserve", "属未启用的预备组"),
    "unreachable": Said("not reachable", "无法联系"),
}
"""Why an agent cannot be asked; follows a count: "2 busy", "2 位忙碌"."""

FREED: Mapping[str, Said] = {
    "aux": Said("comes back from being away", "结束小休"),
    "busy": Said("finishes something in hand", "完成手头工作"),
    "interrupt": Said("finishes what does not go together with it", "完成不可并行的工作"),
    "not_responding": Said("comes back after a missed offer", "在错过来话后恢复空闲"),
    "offline": Said("comes to work", "上线"),
    "parked_slot": Said("no longer keeps a place for a parked contact", "不再需要为搁置的会话保留名额"),
    "pending": Said("stays instead of going away", "取消稍后离开"),
    "ramping": Said("has been back long enough to be asked again", "度过回岗缓冲期"),
    "unreachable": Said("can be reached again by console or phone", "的工作台或话机恢复连接"),
}
"""What an agent who is kept by a reason would have to do."""
SOMEHOW_FREED = Said("becomes free", "变为空闲")

PARTS: Mapping[str, Said] = {
    "continuity": Said("knows the customer", "了解客户"),
    "idleness": Said("time without work", "空闲时长"),
    "load": Said("work in hand", "手头工作量"),
    "skill_fit": Said("fit of skills", "技能匹配"),
    "tier": Said("tier of the agent", "坐席层级"),
    "value_expertise": Said("expertise for a valuable customer", "高价值客户专长"),
    "wishes": Said("preferred skills", "优先技能"),
}
"""The parts of an agent's score."""

ENDS: Mapping[str, Said] = {
    "hold": Said("its last step goes on", "最后一步继续有效"),
    "any_in_queue": Said("anyone in the queue may be asked", "队列中任何坐席都可接手"),
    "overflow": Said("it goes on in another queue, with its place kept", "转入另一队列，位置保留"),
    "callback": Said("the customer is asked whether to be called back", "询问客户是否需要回电"),
    "voicemail": Said("the customer is asked to leave a message", "请客户留言"),
    "return": Said("it goes back to the agent who passed it on", "退回转出它的坐席"),
}
"""What happens at the end of a route plan."""

HOURS: Mapping[str, Said] = {
    "closed": Said("the queue was closed", "队列不在服务时间"),
    "holiday": Said("the queue had a holiday", "队列处于假日"),
    "emergency": Said("the queue was closed for an emergency", "队列因紧急情况关闭"),
}
"""What the hours of a queue said when a contact came."""

OUTCOMES: Mapping[str, Said] = {
    "accepted": Said("accepted", "已接受"),
    "rejected": Said("rejected", "已拒绝"),
    "rescinded": Said("taken back", "已收回"),
    "setup_failed": Said("could not be connected", "未能接通"),
    "timed_out": Said("not answered", "未应答"),
    "withdrawn": Said("customer left", "客户已离开"),
}
"""What became of an offer."""


def word(words: Mapping[str, Said], name: str) -> Said:
    return words.get(name) or same(name.replace("_", " "))
