"""Every decoder is given bytes of all kinds, and raises nothing but Doorward's own errors; each target's seeds open."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward.errors import DoorwardError

NO_TARGETS = {"test_targets", "with_atheris"}
TARGETS = sorted(place.stem for place in Path(__file__).parent.glob("*.py") if place.stem not in NO_TARGETS)
DEEP = (
    b"[" * 100_000,
    b'{"a":' * 100_000,
    (100_000).to_bytes(4, "big") + b"[" * 100_000,
    b"x = " + b"[" * 100_000,
    b"x = " + b"9" * 10_000,
    b"9" * 10_000,
)


def target(name: str) -> Any:
    return importlib.import_module(f"fuzz.{name}")


@st.composite
def altered(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A seed with parts of it cut, doubled, exchanged or overwritten."""
    held = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(held)))
        end = min(len(held), start + draw(st.integers(0, 8) | st.integers(0, len(held))))
        instead = draw(
            st.binary(max_size=8)
            | st.just(bytes(held[start:end]) * 2)
            | st.sampled_from((b"null", b"-1", b"1e999", b"\xff\xff\xff\xff", b'"', b"[]", b"{}", b"\n\n", b"\0"))
        )
        held[start:end] = instead
    return bytes(held)


@pytest.mark.parametrize("name", TARGETS)
def test_a_decoder_raises_only_our_own_errors(name: str) -> None:
    chosen = target(name)

    @settings(deadline=None, max_examples=60)
    @given(st.binary(max_size=400) | altered(chosen.SEEDS))
    def driven(data: bytes) -> None:
        chosen.fuzz(data)

    driven()
    for data in DEEP:
        chosen.fuzz(data)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_reaches_what_it_is_for(name: str) -> None:
    chosen = target(name)
    assert chosen.decode(chosen.SEEDS[0]) is not None
    if name != "machine_readable_zone":
        with pytest.raises(DoorwardError):
            chosen.decode(b"")
