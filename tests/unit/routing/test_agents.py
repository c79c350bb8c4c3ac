"""Presence, reachability, skills and capacity: who is asked, and what happens to what is ringing."""

from routing.commands import Offer
from routing.events import (
    AgentRemoved,
    AgentUpserted,
    ContactEnded,
    OfferAccepted,
    OfferConnected,
    PresenceSet,
    ReachabilitySet,
    WrapUpDone,
)
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    OfferId,
    Presence,
    QueueId,
    QueueSpec,
    Step,
)
from tests.unit.routing.script import (
    ALL,
    ANN,
    BEN,
    C1,
    C2,
    C3,
    ENGLISH,
    ONE_EACH,
    POLICY,
    arrive,
    engine,
    needs,
    plan,
    play,
    told,
)

O1, O2 = OfferId("o-1"), OfferId("o-2")


def test_going_offline_takes_back_what_rings_and_leaves_what_talks() -> None:
    made = engine(ANN, BEN)
    made.handle(arrive(1, C1))
    play(
        made,
        [
            (
                PresenceSet(10, ANN, Presence.OFFLINE),
                [
                    "ann offline",
                    "end o-1 of ann: rescinded agent_offline",
                    "c1 queued (agent_offline)",
                    "offer o-2: c1 to ben until 20010",
                    "c1 offered ben until 20010",
                ],
            ),
            (OfferConnected(20, O2), ["c1 active ben"]),
            (PresenceSet(30, BEN, Presence.OFFLINE), ["ben offline"]),
            (ContactEnded(40, C1, "customer"), ["c1 wrap_up ben until 30040 (ended_by_customer)"]),
        ],
    )


def test_a_break_lets_the_ringing_offer_be_answered_and_brings_no_new_one() -> None:
    made = engine(ANN)
    made.handle(arrive(1, C1))
    play(
        made,
        [
            (PresenceSet(10, ANN, Presence.AUX, "lunch"), ["ann aux"]),
            (PresenceSet(11, ANN, Presence.AUX, "lunch"), ["ignored PresenceSet: the agent is already aux"]),
            (
                OfferAccepted(20, O1, ANN),
                ["connect c1 with ann until 10020", "c1 connecting ann until 10020"],
            ),
            (arrive(30, C2), ["c2 queued (arrived)"]),
        ],
    )


def test_a_lost_channel_takes_back_only_its_own_offers() -> None:
    made = engine(ANN)
    made.handle(arrive(1, C1, channel=Channel.CHAT))
    made.handle(arrive(2, C2, channel=Channel.EMAIL))
    play(
        made,
        [
            (
                ReachabilitySet(10, ANN, (Channel.EMAIL, Channel.VOICE)),
                ["end o-1 of ann: rescinded agent_unreachable", "c1 queued (agent_unreachable)"],
            ),
            (
                ReachabilitySet(11, ANN, (Channel.VOICE, Channel.EMAIL)),
                ["ignored ReachabilitySet: nothing has changed"],
            ),
            (
                ReachabilitySet(20, ANN, ALL),
                ["offer o-3: c1 to ann until 20020", "c1 offered ann until 20020"],
            ),
        ],
    )


def test_of_several_rings_taken_back_the_first_in_line_goes_on_first() -> None:
    """The places of now count: at 200 % the older one is ahead, although its key is the greater number."""
    slow = QueueSpec(QueueId("slow"), "Slow", (), POLICY)
    fast = QueueSpec(QueueId("fast"), "Fast", (), POLICY, ageing_percent=200)
    made = engine(ANN, queues=(slow, fast))
    made.handle(arrive(1_000, C2, channel=Channel.CHAT, queue=fast.queue))
    made.handle(arrive(1_500, C1, channel=Channel.EMAIL, queue=slow.queue))
    lines = told(made.handle(PresenceSet(2_500, ANN, Presence.OFFLINE)))
    assert [line for line in lines if "queued" in line] == [
        "c2 queued (agent_offline)",
        "c1 queued (agent_offline)",
    ]


def test_new_skills_bring_work_at_once() -> None:
    made = engine(ANN, level=30)
    route = plan(Step(needs(50)))
    play(
        made,
        [
            (arrive(1, C1, route=route), ["c1 queued (arrived)"]),
            (
                AgentUpserted(10, ANN, (AgentSkill(ENGLISH, 50),), ONE_EACH),
                ["offer o-1: c1 to ann until 20010", "c1 offered ann until 20010"],
            ),
        ],
    )


def test_a_removed_agent_finishes_what_it_holds() -> None:
    made = engine(ANN)
    made.handle(arrive(1, C1))
    made.handle(OfferConnected(2, O1))
    play(
        made,
        [
            (AgentRemoved(10, ANN), ["ann offline"]),
            (AgentRemoved(11, ANN), ["ignored AgentRemoved: unknown agent"]),
            (PresenceSet(12, ANN, Presence.AVAILABLE), ["ignored PresenceSet: unknown agent"]),
            (ContactEnded(20, C1), ["c1 wrap_up ann until 30020 (ended_by_agent)"]),
            (WrapUpDone(30, C1, ANN), ["c1 closed ann (wrapped_up)"]),
        ],
    )
    assert made.agents() == []


def test_a_call_takes_the_whole_agent_and_chats_share() -> None:
    capacity = Capacity(3, ((Channel.VOICE, 1), (Channel.CHAT, 2), (Channel.EMAIL, 5)))
    made = engine(ANN, capacity=capacity)
    for number, channel in enumerate(
        (Channel.CHAT, Channel.CHAT, Channel.CHAT, Channel.EMAIL, Channel.EMAIL), 1
    ):
        made.handle(arrive(number * 10, ContactId(f"c{number}"), channel=channel))
    held = [contact.contact for contact in made.contacts_of(ANN)]
    assert held == ["c1", "c2", "c4"], "two chats by the cap, one mail by the units"
    made.handle(arrive(100, ContactId("call"), channel=Channel.VOICE))
    assert [contact.contact for contact in made.waiting()] == ["c3", "c5", "call"]
    ann = made.agent(ANN)
    assert ann is not None
    assert ann.free == ()


def test_who_can_never_hold_a_contact_is_not_waited_for() -> None:
    """Without units, or with a weight beyond them, a channel is as good as not there."""
    for capacity in (
        Capacity(0, ((Channel.VOICE, 1),)),
        Capacity(2, ((Channel.VOICE, 1),), ((Channel.VOICE, 3),)),
    ):
        made = engine(ANN, capacity=capacity)
        made.handle(arrive(1, C1, channel=Channel.VOICE))
        assert made.hindrances(C1) == (("channel", 1),)


def test_an_unreachable_channel_or_one_without_a_cap_is_never_offered() -> None:
    capacity = Capacity(3, ((Channel.CHAT, 2),))
    made = engine(ANN, capacity=capacity)
    play(made, [(arrive(1, C1, channel=Channel.SMS), ["c1 queued (arrived)"])])


def test_among_equals_the_longest_idle_is_asked_then_the_first_by_id() -> None:
    made = engine(BEN, ANN)  # ben is at work since 1 ms, ann since 2
    first = told(made.handle(arrive(10, C1)))
    assert "offer o-1: c1 to ben until 20010" in first
    made.handle(OfferConnected(20, O1))
    assert "offer o-2: c2 to ann until 20030" in told(made.handle(arrive(30, C2)))


def test_skill_beats_idleness_and_load_beats_skill() -> None:
    made = engine(ANN, BEN, capacity=Capacity(2, ((Channel.CHAT, 2),)))
    made.handle(AgentUpserted(5, BEN, (AgentSkill(ENGLISH, 95),), Capacity(2, ((Channel.CHAT, 2),))))
    route = plan(Step(needs(50)))
    assert "offer o-1: c1 to ben until 20010" in told(made.handle(arrive(10, C1, route=route)))
    assert "offer o-2: c2 to ann until 20011" in told(made.handle(arrive(11, C2, route=route)))
    offer = next(c for c in made.handle(arrive(12, C3, route=route)) if isinstance(c, Offer))
    assert offer.agent == BEN
    assert offer.trace.runner_up is not None
    assert offer.trace.runner_up.agent == ANN
    assert {part.name: part.points for part in offer.trace.chosen.parts}["load"] == -100


def test_unknown_agents_are_ignored() -> None:
    nobody = AgentId("nobody")
    made = engine(ANN)
    play(
        made,
        [
            (PresenceSet(1, nobody, Presence.AVAILABLE), ["ignored PresenceSet: unknown agent"]),
            (ReachabilitySet(1, nobody, ALL), ["ignored ReachabilitySet: unknown agent"]),
        ],
    )
