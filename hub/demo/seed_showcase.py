"""A handful of customers worth playing: the demo page offers them by name. Fixed, whatever the seed."""

from collections.abc import Mapping
from dataclasses import dataclass

from hub.customers.luhn import with_check_digit
from hub.customers.value import DAY_MS
from hub.demo.seed_people import YEAR_MS, Person


@dataclass(frozen=True, slots=True)
class Showcase:
    """Somebody to play, and what makes the case interesting (`about`, by language).

    `number` and `order_no` ("" when there is none) can be typed in the IVR; `order_status` is that order's,
    with "late" for one that should have come. `idle_days` since the last purchase; None: not in the database
    at all. `topics` of past conversations, oldest first; open `complaints` by title; `ratings` 1-5 given.
    """

    key: str
    name: str
    language: str
    phone: str
    email: str
    tier: str
    about: Mapping[str, str]
    number: str = ""
    order_no: str = ""
    order_status: str = ""
    years: float = 0.0
    yearly: float = 0.0
    quantity: float = 1.0
    idle_days: int | None = None
    topics: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    ratings: tuple[int, ...] = ()

    @property
    def known(self) -> bool:
        return self.idle_days is not None

    def person(self, now_ms: int) -> Person:
        """The customer behind it; only for who is known."""
        assert self.idle_days is not None
        return Person(
            customer_id=f"demo-{self.key}",
            number=self.number,
            name=self.name,
            language=self.language,
            phone=self.phone,
            email=self.email,
            since_at_ms=now_ms - int(self.years * YEAR_MS),
            last_at_ms=now_ms - self.idle_days * DAY_MS,
            yearly=self.yearly,
            quantity=self.quantity,
        )


def _number(index: int) -> str:
    return with_check_digit(str(1_000_000 + index))


def _order(index: int) -> str:
    return with_check_digit(str(400_000_000 + index))


SHOWCASE: tuple[Showcase, ...] = (
    Showcase(
        "margaret",
        "Margaret Hale",
        "en",
        "+442079460101",
        "margaret.hale@post.example",
        "platinum",
        {
            "en": "Six years, buys every month, spends the most. Goes to a VIP agent and gets a head start.",
            "zh": "六年老客户，每月购买，消费最高。转给贵宾坐席，并享受提前。",
        },
        _number(1),
        _order(1),
        "shipped",
        years=6,
        yearly=14,
        quantity=14,
        idle_days=6,
        topics=("advice", "orders", "product", "billing", "orders", "advice"),
        ratings=(5, 4, 5),
    ),
    Showcase(
        "xiaoyun",
        "林晓芸",
        "zh",
        "+8619900009001",
        "xiaoyun.lin@mail.example",
        "platinum",
        {
            "en": "Platinum, writes Chinese. Only agents who speak it are asked.",
            "zh": "白金客户，使用中文，只分配给会中文的坐席。",
        },
        _number(2),
        _order(2),
        "packed",
        years=4,
        yearly=18,
        quantity=10,
        idle_days=3,
        topics=("product", "orders", "advice", "product", "orders"),
        ratings=(5, 5),
    ),
    Showcase(
        "derek",
        "Derek Stone",
        "en",
        "+442079460103",
        "derek.stone@home.example",
        "gold",
        {
            "en": "Valuable and angry: two open complaints and a parcel that is late.",
            "zh": "重要但不满：两项投诉未解决，包裹迟到。",
        },
        _number(3),
        _order(3),
        "late",
        years=3,
        yearly=7,
        quantity=2,
        idle_days=16,
        topics=("orders", "complaint", "complaint", "complaint"),
        complaints=("Espresso machine damaged on arrival", "Promised call never came"),
        ratings=(2, 1),
    ),
    Showcase(
        "guoqiang",
        "陈国强",
        "zh",
        "+8619900009002",
        "guoqiang.chen@letterbox.example",
        "gold",
        {
            "en": "Gold, Chinese. Ask the IVR for his order: it is on the way.",
            "zh": "黄金客户，中文。可在语音菜单查询订单：正在派送。",
        },
        _number(4),
        _order(4),
        "shipped",
        years=5,
        yearly=6,
        quantity=2,
        idle_days=4,
        topics=("billing", "orders", "product"),
        ratings=(4,),
    ),
    Showcase(
        "emily",
        "Emily Carter",
        "en",
        "+19175550142",
        "emily.carter@mail.example",
        "silver",
        {
            "en": "Silver, buys now and then, content. An ordinary day.",
            "zh": "白银客户，偶尔购买，满意。普通的一天。",
        },
        _number(5),
        _order(5),
        "delivered",
        years=2,
        yearly=3,
        quantity=1,
        idle_days=40,
        topics=("product", "orders"),
        ratings=(4, 5),
    ),
    Showcase(
        "xiaoming",
        "王小明",
        "zh",
        "+8619900009003",
        "xiaoming.wang@post.example",
        "bronze",
        {
            "en": "Lapsed: bought once, more than a year ago. Little value, served in turn.",
            "zh": "流失客户：一年多前买过一次，价值较低，按顺序服务。",
        },
        _number(6),
        years=1.3,
        yearly=1,
        quantity=1,
        idle_days=470,
        topics=("advice",),
    ),
    Showcase(
        "nobody",
        "Jordan New",
        "en",
        "+442079460199",
        "jordan.new@post.example",
        "none",
        {
            "en": "Not in the database: counted as neutral, no head start, nobody's history.",
            "zh": "数据库中没有：按中性计，不享受提前，也没有历史。",
        },
    ),
)
