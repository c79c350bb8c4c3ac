"""Who works in the demo company, and how to log in. All passwords are `rapport`: never for real use."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from hub.staff import create_agent

PASSWORD = "rapport"  # noqa: S105 - printed on the start page


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A person who can log in. `about` in one line per language; `skills` levels 1-100."""

    username: str
    name: str
    roles: tuple[str, ...]
    language: str
    about: Mapping[str, str]
    skills: Mapping[str, int] = field(default_factory=dict)
    phone_endpoint: str = ""
    password: str = PASSWORD

    @property
    def agent_id(self) -> str:
        return f"agent-{self.username}"


def _agent(
    number: int, username: str, name: str, language: str, en: str, zh: str, **skills: int
) -> DemoLogin:
    about = {"en": en, "zh": zh}
    return DemoLogin(username, name, ("agent",), language, about, skills, f"agent{number}")


DEMO_LOGINS: tuple[DemoLogin, ...] = (
    _agent(
        1,
        "mia",
        "Mia Turner",
        "en",
        "everything: English and Chinese, all topics, VIP",
        "样样都会：中英文、所有主题、贵宾",
        english=95,
        chinese=70,
        orders=80,
        billing=60,
        complaints=60,
        vip=60,
    ),
    _agent(
        2,
        "wei",
        "陈伟",
        "zh",
        "Chinese and English, orders, VIP",
        "中英文，订单，贵宾",
        chinese=95,
        english=70,
        orders=85,
        vip=80,
    ),
    _agent(3, "jun", "李军", "zh", "Chinese, billing", "中文，账单", chinese=90, billing=80, orders=60),
    _agent(
        4, "emma", "Emma Walsh", "en", "English, billing", "英语，账单", english=90, billing=90, complaints=50
    ),
    _agent(
        5,
        "oliver",
        "Oliver Grant",
        "en",
        "English, complaints, VIP",
        "英语，投诉，贵宾",
        english=85,
        complaints=90,
        vip=85,
    ),
    _agent(
        6,
        "lin",
        "林静",
        "zh",
        "Chinese and English, complaints, VIP",
        "中英文，投诉，贵宾",
        chinese=95,
        english=60,
        complaints=85,
        vip=75,
    ),
    _agent(
        7, "noah", "Noah Pearce", "en", "English, orders (new)", "英语，订单（新人）", english=80, orders=45
    ),
    _agent(
        8,
        "yan",
        "杨燕",
        "zh",
        "Chinese and English, orders, billing",
        "中英文，订单，账单",
        chinese=85,
        english=75,
        orders=70,
        billing=65,
    ),
    DemoLogin(
        "sam", "Sam Rhodes", ("supervisor",), "en", {"en": "supervisor: live board", "zh": "主管：实时看板"}
    ),
    DemoLogin("ada", "Ada Quinn", ("admin",), "en", {"en": "administrator", "zh": "管理员"}),
)


def seed_agents(conn: Connection) -> None:
    """Store everybody above; each password has its own salt, each phone its own secret."""
    for login in DEMO_LOGINS:
        create_agent(
            conn,
            username=login.username,
            name=login.name,
            password=login.password,
            roles=login.roles,
            skills=login.skills,
            language=login.language,
            phone_endpoint=login.phone_endpoint,
        )
