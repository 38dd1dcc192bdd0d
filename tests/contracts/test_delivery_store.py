"""The contract of ``DeliveryStore``."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.kernel.ids import CheckpointId, DeviceId
from doorward.passages.delivery import Delivery, Taken
from doorward.passages.message_order import MOST_SKEW, Mark, Standing
from doorward.passages.passage import Counter
from houses import House, house_in_memory
from known_people import NOON, UNHURRIED, passage, person

LOBBY, GARAGE = DeviceId("lobby"), DeviceId("garage")
NORTH = CheckpointId("north")


def message(counter: int, device: DeviceId = LOBBY, **more: object) -> Delivery:
    mark = Mark(counter, bytes([counter]) * 32)
    return replace(Delivery(device, mark, NOON), **more)


def test_takes_passages_and_counts_of_many_devices_in_one_step(house: House) -> None:
    ada, nobody = person("Ada"), person("Nobody")
    house.people.add(ada)
    first, second, lost = passage(ada.id), passage(ada.id, at=NOON + timedelta(minutes=1)), passage(nobody.id)
    taken = house.deliveries.take(
        [
            message(1, passages=[first, lost], counted={(NORTH, Counter.ACCEPTED): 2, (NORTH, Counter.REFUSED): 7}),
            message(1, GARAGE, passages=[second], counted={(NORTH, Counter.REFUSED): 1}),
        ],
        NOON,
    )
    assert list(taken) == [Taken(Standing.NEW, 1), Taken(Standing.NEW, 1)]
    assert list(house.passages.of(ada.id)) == [first, second]
    assert house.passages.tallies(NORTH) == {Counter.ACCEPTED: 2, Counter.REFUSED: 8}
    assert house.deliveries.mark(LOBBY) == message(1).mark


def test_the_newest_message_may_come_again_and_counts_once(house: House) -> None:
    ada = person("Ada")
    house.people.add(ada)
    once = message(5, passages=[passage(ada.id)], counted={(NORTH, Counter.ACCEPTED): 1})
    for answers in (house.deliveries.take([once, once], NOON), house.deliveries.take([once], NOON)):
        assert answers[-1] == Taken(Standing.REPEATED)
    assert house.passages.count() == 1
    assert house.passages.tallies(NORTH)[Counter.ACCEPTED] == 1


def test_what_is_no_working_devices_changes_nothing(house: House) -> None:
    ada = person("Ada")
    house.people.add(ada)
    content = {"passages": [passage(ada.id)], "counted": {(NORTH, Counter.ACCEPTED): 1}}
    house.deliveries.take([message(5)], NOON)
    off = MOST_SKEW + timedelta(seconds=1)
    wrong = [
        (message(4, **content), Standing.REPLAYED),
        (replace(message(5, **content), mark=Mark(5, bytes(32))), Standing.CLONED),
        (message(6, sent_at=NOON - off, **content), Standing.CLOCK_WRONG),
        (message(6, sent_at=NOON + off, **content), Standing.CLOCK_WRONG),
    ]
    assert [one.standing for one in house.deliveries.take([one for one, _ in wrong], NOON)] == [s for _, s in wrong]
    assert house.deliveries.mark(LOBBY) == message(5).mark
    assert house.passages.count() == 0
    assert house.passages.tallies(NORTH)[Counter.ACCEPTED] == 0
    assert house.deliveries.mark(GARAGE) is None


@settings(UNHURRIED)
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([LOBBY, GARAGE])), max_size=40))
def test_however_messages_repeat_each_passage_is_kept_once(sent: list[tuple[int, DeviceId]]) -> None:
    house = house_in_memory()
    ada = person("Ada")
    house.people.add(ada)
    of = {key: passage(ada.id) for key in set(sent)}
    newest: dict[DeviceId, int] = {}
    expected = 0
    for counter, device in sent:
        expected += counter > newest.get(device, 0)
        newest[device] = max(counter, newest.get(device, 0))
        house.deliveries.take([message(counter, device, passages=[of[counter, device]])], NOON)
    assert house.passages.count() == expected
