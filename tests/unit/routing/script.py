"""Short words for engine scripts: a few agents, plain plans, and commands as lines that read like a log."""

from collections.abc import Sequence

from routing.commands import (
    AskCallback,
    CallbackOver,
    CallbackPromised,
    Command,
    Connect,
    ContactMoved,
    Dial,
    EndOffer,
    Ignored,
    Offer,
    PresenceChanged,
    PresencePending,
    ReserveChanged,
)
from routing.engine import Engine
from routing.events import (
    AgentUpserted,
    ContactArrived,
    Event,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
)
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    OfferPolicy,
    PlanEnd,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
    SkillId,
    SkillNeed,
    Step,
)

ANN, BEN, CAT = AgentId("ann"), AgentId("ben"), AgentId("cat")
C1, C2, C3 = ContactId("c1"), ContactId("c2"), ContactId("c3")
QUEUE = QueueId("general")
ENGLISH = SkillId("english")
ALL = tuple(Channel)
ONE_EACH = Capacity(2, tuple((channel, 1) for channel in ALL))
POLICY = OfferPolicy(
    ring_ms=20_000, delivery_ms=2_000, setup_ms=10_000, wrap_up_ms=30_000, exclusion_ms=60_000
)

Script = Sequence[tuple[Event, list[str]]]


def needs(level: int = 1, skill: SkillId = ENGLISH) -> tuple[SkillNeed, ...]:
    return (SkillNeed(skill, level),)


def plan(*steps: Step, end: PlanEnd = PlanEnd.HOLD) -> RoutePlan:
    return RoutePlan(steps or (Step(),), end)


def arrive(
    at_ms: int,
    contact: ContactId,
    *,
    channel: Channel = Channel.CHAT,
    route: RoutePlan | None = None,
    head_start_ms: int = 0,
    value: int = 50,
    since_ms: int | None = None,
    queue: QueueId = QUEUE,
    rule_set: str = "h",
    customer: str = "",
    tier: str = "",
) -> ContactArrived:
    return ContactArrived(
        at_ms=at_ms,
        contact=contact,
        channel=channel,
        queue=queue,
        plan=route or plan(),
        enqueued_at_ms=at_ms if since_ms is None else since_ms,
        head_start_ms=head_start_ms,
        value=value,
        loyalty=50,
        rule=RuleId("r"),
        rule_set=rule_set,
        customer=customer,
        tier=tier,
    )


def engine(
    *agents: AgentId,
    level: int = 80,
    capacity: Capacity = ONE_EACH,
    policy: OfferPolicy = POLICY,
    pool: tuple[SkillNeed, ...] = (),
    absent: tuple[AgentId, ...] = (),
    length_max: int | None = None,
    queues: tuple[QueueSpec, ...] = (),
) -> Engine:
    """An engine with these agents at work since 1, 2, 3 ms; `absent` ones are known but OFFLINE.

    queues: instead of one queue that `pool`, `policy` and `length_max` describe.
    """
    made = Engine()
    one = QueueSpec(QUEUE, "General", pool, policy, length_max=length_max)
    made.handle(RuleSetPublished(0, "h", queues or (one,)))
    for number, agent in enumerate([*agents, *absent], 1):
        made.handle(AgentUpserted(0, agent, (AgentSkill(ENGLISH, level),), capacity))
        made.handle(ReachabilitySet(0, agent, ALL))
        if agent not in absent:
            made.handle(PresenceSet(number, agent, Presence.AVAILABLE))
    return made


def join(
    made: Engine,
    agent: AgentId,
    *skills: AgentSkill,
    capacity: Capacity = ONE_EACH,
    tier: int = 1,
) -> None:
    """One more agent comes to work, or one who is there changes."""
    able = skills or (AgentSkill(ENGLISH, 80),)
    made.handle(AgentUpserted(made.now_ms, agent, able, capacity, tier))
    made.handle(ReachabilitySet(made.now_ms, agent, ALL))
    made.handle(PresenceSet(made.now_ms, agent, Presence.AVAILABLE))


def told(commands: Sequence[Command]) -> list[str]:
    """One line for each command."""
    return [_line(command) for command in commands]


def play(made: Engine, script: Script) -> None:
    """Send each event and compare what the engine says, line by line."""
    for event, expected in script:
        assert told(made.handle(event)) == expected, event


def _line(command: Command) -> str:
    match command:
        case Offer():
            return (
                f"offer {command.offer}: {command.contact} to {command.agent} until {command.expires_at_ms}"
            )
        case EndOffer():
            return f"end {command.offer} of {command.agent}: {command.state} {command.reason}"
        case Connect():
            dialled = " by dialling" if command.dial else ""
            return f"connect {command.contact} with {command.agent} until {command.setup_until_ms}{dialled}"
        case ContactMoved():
            return _moved(command)
        case PresenceChanged():
            return f"{command.agent} {command.presence}"
        case PresencePending():
            return (
                f"{command.agent} goes {command.presence}" if command.presence else f"{command.agent} stays"
            )
        case AskCallback():
            return f"ask {command.contact} whether to call back"
        case CallbackPromised():
            return f"promise {command.contact} between {command.from_ms} and {command.until_ms}"
        case Dial():
            return f"dial {command.contact} for the {command.attempt}. time until {command.until_ms}"
        case CallbackOver():
            kept = "kept" if command.kept else "broken"
            return f"callback of {command.contact} {command.outcome} after {command.attempts}, promise {kept}"
        case ReserveChanged():
            return f"reserve of {command.queue} {'opens' if command.open else 'closes'}: {command.reason}"
        case Ignored():
            return f"ignored {command.event}: {command.reason}"


def _moved(moved: ContactMoved) -> str:
    with_agent = f" {moved.agent}" if moved.agent else ""
    to = f" in {moved.queue}" if moved.queue else ""
    until = f" until {moved.until_ms}" if moved.until_ms is not None else ""
    reason = f" ({moved.reason})" if moved.reason else ""
    return f"{moved.contact} {moved.state}{with_agent}{to}{until}{reason}"
