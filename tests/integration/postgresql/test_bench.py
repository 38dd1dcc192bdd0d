"""The measurement of passages on PostgreSQL: what was sent is acknowledged and stored, each once."""

from doorward.bench.passages import Load, run
from postgresql_server import empty_database


def test_what_is_sent_is_stored_once() -> None:
    with empty_database() as url:
        told = run(Load(devices=50, people=20, seconds=0.4, replayed=60, batch=30, store=url), lambda *_: None)
    held = told["stores"]["postgresql"]
    assert held["sent"] == held["acknowledged"] == held["stored"] > 60
    assert held["unsealed_ratio"] > 0
    assert held["bytes_per_passage"] > 0
