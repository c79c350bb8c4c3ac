"""The facts that a rule may ask about, their types, and the operators that each type has.

A fact that is missing, or of another type than its field, counts as null. Two kinds of fields are open:
`ivr.<name>`, any answer that a caller gave in the menu, as text; and `calendar.<id>`, what the hours of a
calendar of the rule set say as the contact comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from routing.rules.vocabulary import Words
from routing.types import Channel


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"


class Operator(StrEnum):
    """Spelled as the query builder spells them."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="
    IN = "in"
    NOT_IN = "notIn"
    CONTAINS = "contains"
    BEGINS_WITH = "beginsWith"
    ENDS_WITH = "endsWith"
    NULL = "null"
    NOT_NULL = "notNull"


class Hours(StrEnum):
    """What a calendar says of an instant; the later in this list, the stronger."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    EMERGENCY = "emergency"


_EQUALITY = (Operator.EQUAL, Operator.NOT_EQUAL, Operator.IN, Operator.NOT_IN)
_PRESENCE = (Operator.NULL, Operator.NOT_NULL)

OPERATORS: dict[Kind, tuple[Operator, ...]] = {
    Kind.TEXT: (
        *_EQUALITY,
        Operator.CONTAINS,
        Operator.BEGINS_WITH,
        Operator.ENDS_WITH,
        *_PRESENCE,
    ),
    Kind.NUMBER: (
        *_EQUALITY,
        Operator.LESS,
        Operator.LESS_OR_EQUAL,
        Operator.GREATER,
        Operator.GREATER_OR_EQUAL,
        *_PRESENCE,
    ),
    Kind.CHOICE: (*_EQUALITY, *_PRESENCE),
}

OPERATOR_WORDS: dict[Operator, Words] = {
    Operator.EQUAL: Words("is", "是"),
    Operator.NOT_EQUAL: Words("is not", "不是"),
    Operator.LESS: Words("is below", "低于"),
    Operator.LESS_OR_EQUAL: Words("is at most", "不高于"),
    Operator.GREATER: Words("is above", "高于"),
    Operator.GREATER_OR_EQUAL: Words("is at least", "不低于"),
    Operator.IN: Words("is one of", "属于"),
    Operator.NOT_IN: Words("is none of", "不属于"),
    Operator.CONTAINS: Words("contains", "包含"),
    Operator.BEGINS_WITH: Words("begins with", "开头是"),
    Operator.ENDS_WITH: Words("ends with", "结尾是"),
    Operator.NULL: Words("is unknown", "未知"),
    Operator.NOT_NULL: Words("is known", "已知"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """A fact. `choices` are the only values of a CHOICE; `low` and `high` bound a NUMBER."""

    name: str
    label: Words
    kind: Kind
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None


FIELDS: tuple[Field, ...] = (
    Field("channel", Words("channel", "渠道"), Kind.CHOICE, tuple(str(channel) for channel in Channel)),
    Field("dialled", Words("dialled number or address", "被叫号码或地址"), Kind.TEXT),
    Field("address", Words("sender", "发送方"), Kind.TEXT),
    Field("language", Words("language", "语言"), Kind.TEXT),
    Field("tier", Words("customer tier", "客户等级"), Kind.TEXT),
    Field("value", Words("customer value", "客户价值"), Kind.NUMBER, low=0, high=100),
    Field("loyalty", Words("customer loyalty", "客户忠诚度"), Kind.NUMBER, low=0, high=100),
    Field("hour", Words("hour of the day", "时刻(小时)"), Kind.NUMBER, low=0, high=23),
    Field("weekday", Words("day of the week (0 is Monday)", "星期(0为星期一)"), Kind.NUMBER, low=0, high=6),
    Field("subject", Words("subject", "主题"), Kind.TEXT),
)

IVR_PREFIX = "ivr."
CALENDAR_PREFIX = "calendar."
_BY_NAME = {field.name: field for field in FIELDS}


def field_named(name: str) -> Field | None:
    """The field, or None when there is none of this name.

    Any calendar's name is taken here; whether the rule set has that calendar is for its reader to check.
    """
    rest = name.removeprefix(IVR_PREFIX)
    if rest != name and rest.replace("_", "").isalnum():
        return Field(name, Words(f"menu answer “{rest}”", f"菜单回答“{rest}”"), Kind.TEXT)
    rest = name.removeprefix(CALENDAR_PREFIX)
    if rest != name and rest:
        return calendar_field(rest)
    return _BY_NAME.get(name)


def calendar_field(calendar: str) -> Field:
    """The fact of what this calendar says."""
    label = Words(f"calendar {calendar}", f"日历 {calendar}")
    return Field(CALENDAR_PREFIX + calendar, label, Kind.CHOICE, tuple(Hours))


def editor_schema(calendars: Iterable[str] = ()) -> dict[str, Any]:
    """All that an editor of conditions needs, as plain JSON; labels are `{en, zh}`.

    calendars: ids of the rule set's calendars, each of which is a field.  `open_fields` are prefixes to which
    any name may be added.
    """
    fields = [*FIELDS, *map(calendar_field, calendars)]
    return {
        "fields": [_shown(field) for field in fields],
        "open_fields": [
            {
                "prefix": IVR_PREFIX,
                "label": Words("menu answer", "菜单回答").plain(),
                "type": str(Kind.TEXT),
                "operators": [str(operator) for operator in OPERATORS[Kind.TEXT]],
            }
        ],
        "operators": [
            {
                "name": str(operator),
                "label": label.plain(),
                "takes": _takes(operator),
            }
            for operator, label in OPERATOR_WORDS.items()
        ],
        "combinators": [
            {"name": "and", "label": Words("all of", "全部满足").plain()},
            {"name": "or", "label": Words("any of", "任一满足").plain()},
        ],
    }


def _takes(operator: Operator) -> str:
    """How many values an operator compares with: none, one or a list."""
    if operator in _PRESENCE:
        return "none"
    return "list" if operator in (Operator.IN, Operator.NOT_IN) else "one"


def _shown(field: Field) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": field.name,
        "label": field.label.plain(),
        "type": str(field.kind),
        "operators": [str(operator) for operator in OPERATORS[field.kind]],
    }
    if field.choices:
        shown["values"] = [
            {"name": choice, "label": CHOICE_WORDS[choice].plain()} for choice in field.choices
        ]
    if field.low is not None:
        shown["low"], shown["high"] = field.low, field.high
    return shown


CHOICE_WORDS: dict[str, Words] = {
    Channel.VOICE: Words("call", "电话"),
    Channel.CHAT: Words("chat", "网页聊天"),
    Channel.SMS: Words("text message", "短信"),
    Channel.EMAIL: Words("mail", "邮件"),
    Hours.OPEN: Words("open", "营业"),
    Hours.CLOSED: Words("closed", "非营业时间"),
    Hours.HOLIDAY: Words("holiday", "节假日"),
    Hours.EMERGENCY: Words("emergency", "紧急关闭"),
}
