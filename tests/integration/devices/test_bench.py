"""The measurement of passages: what was sent is acknowledged and stored, each once."""

from documented_names import documented, fits, shape
from doorward.bench.passages import Load, run


def test_what_is_sent_is_stored_once_and_told_by_name() -> None:
    told = run(Load(devices=50, people=20, seconds=0.5, replayed=120, batch=50, servers=2, held=2_000), lambda *_: None)
    assert fits(documented()["bench passages"], shape(told))
    held = told["stores"]["sqlite"]
    assert held["held"] == 2_000
    assert 0 < held["dropped"] < 100
    assert told["devices"] == 50
    assert held["sent"] == held["acknowledged"] == held["stored"] > 120
    assert held["replay"]["passages"] == 120
    assert all(
        held[name] > 0 for name in ("per_second", "ack_p50_ms", "ack_p99_ms", "bytes_per_passage", "find_person_ms")
    )
