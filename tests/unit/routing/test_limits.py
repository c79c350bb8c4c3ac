"""What an agent can still take: two pools, caps, the interrupt matrix, and places kept for who is parked."""

from routing.limits import Limits, Status
from routing.records import CHANNELS
from routing.types import Capacity, Channel

CAPS = ((Channel.VOICE, 1), (Channel.CHAT, 3), (Channel.EMAIL, 2))
NONE = (0, 0, 0, 0)


def counts(**held: int) -> tuple[int, ...]:
    return tuple(held.get(str(channel), 0) for channel in CHANNELS)


def status(
    capacity: Capacity, channel: Channel, held: tuple[int, ...], parked: tuple[int, ...] = NONE
) -> Status:
    return Status(Limits(capacity).room(held, parked, CHANNELS).statuses[CHANNELS.index(channel)])


def test_a_call_takes_all_units_and_a_cap_ends_a_channel() -> None:
    capacity = Capacity(3, CAPS)
    assert status(capacity, Channel.CHAT, counts(voice=1)) is Status.BUSY
    assert status(capacity, Channel.VOICE, counts(chat=1)) is Status.BUSY
    assert status(capacity, Channel.EMAIL, counts(email=2)) is Status.BUSY
    assert status(capacity, Channel.CHAT, counts(email=2)) is Status.FREE
    assert status(capacity, Channel.SMS, NONE) is Status.NO_CHANNEL


def test_work_that_may_lie_draws_on_units_of_its_own() -> None:
    capacity = Capacity(1, CAPS, interruptible_units=2, interruptible=(Channel.EMAIL,))
    assert status(capacity, Channel.VOICE, counts(email=2)) is Status.FREE
    assert status(capacity, Channel.EMAIL, counts(voice=1)) is Status.FREE
    assert status(capacity, Channel.CHAT, counts(voice=1, email=1)) is Status.BUSY
    limits = Limits(capacity)
    assert limits.room(counts(email=1), NONE, CHANNELS).load_tenths == 5
    assert limits.room(counts(email=1, chat=1), NONE, CHANNELS).load_tenths == 10, "the fuller pool counts"


def test_the_interrupt_matrix_reads_held_then_incoming() -> None:
    capacity = Capacity(3, CAPS, ((Channel.VOICE, 1),), blocks=((Channel.VOICE, Channel.CHAT),))
    assert status(capacity, Channel.CHAT, counts(voice=1)) is Status.INTERRUPT
    assert status(capacity, Channel.VOICE, counts(chat=1)) is Status.FREE
    assert status(capacity, Channel.EMAIL, counts(voice=1)) is Status.FREE


def test_a_place_and_its_units_are_kept_for_who_is_parked() -> None:
    capacity = Capacity(3, CAPS, return_slots=1)
    assert status(capacity, Channel.CHAT, counts(chat=1), counts(chat=1)) is Status.FREE
    assert status(capacity, Channel.CHAT, counts(chat=2), counts(chat=1)) is Status.SLOT
    assert status(capacity, Channel.EMAIL, counts(chat=2), counts(chat=1)) is Status.SLOT, "the last unit"
    assert status(capacity, Channel.EMAIL, counts(chat=1), counts(chat=1)) is Status.FREE
    assert status(capacity, Channel.CHAT, counts(chat=2), counts(chat=5)) is Status.SLOT, "one slot, not five"
    assert Limits(capacity).takes_back(CHANNELS.index(Channel.CHAT), counts(chat=2))
    assert not Limits(capacity).takes_back(CHANNELS.index(Channel.CHAT), counts(chat=3))


def test_what_weighs_more_than_everything_is_no_channel() -> None:
    capacity = Capacity(2, CAPS, ((Channel.CHAT, 3), (Channel.EMAIL, 2)))
    assert status(capacity, Channel.CHAT, NONE) is Status.NO_CHANNEL
    assert status(capacity, Channel.EMAIL, NONE) is Status.FREE
    assert status(capacity, Channel.EMAIL, counts(email=1)) is Status.BUSY


def test_a_channel_without_a_phone_or_console_is_out_of_reach() -> None:
    found = Limits(Capacity(3, CAPS)).room(counts(voice=1), NONE, (Channel.CHAT,)).statuses
    wanted = {
        Channel.VOICE: Status.UNREACHABLE,
        Channel.CHAT: Status.BUSY,
        Channel.SMS: Status.NO_CHANNEL,
        Channel.EMAIL: Status.UNREACHABLE,
    }
    assert dict(zip(CHANNELS, found, strict=True)) == wanted


def test_negative_numbers_are_nothing() -> None:
    capacity = Capacity(-2, ((Channel.CHAT, -1), (Channel.EMAIL, 1)), return_slots=-1)
    assert [status(capacity, channel, NONE) for channel in CHANNELS] == [Status.NO_CHANNEL] * 4
    assert Limits(capacity).room(NONE, NONE, CHANNELS).load_tenths == 10, (
        "somebody without units is never the least loaded"
    )
