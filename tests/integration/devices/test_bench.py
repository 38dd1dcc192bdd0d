"""The measurement of passages: what was sent is acknowledged and stored, each once."""

from doorward.bench.passages import Load, run


def test_what_is_sent_is_stored_once_and_told_by_name() -> None:
    told = run(Load(devices=50, people=20, seconds=0.5, replayed=120, batch=50), lambda _: None)
    held = told["stores"]["sqlite"]
    assert told["devices"] == 50
    assert held["sent"] == held["acknowledged"] == held["stored"] > 120
    assert held["replay"]["passages"] == 120
    assert all(
        held[name] > 0 for name in ("per_second", "ack_p50_ms", "ack_p99_ms", "bytes_per_passage", "find_person_ms")
    )
