"""What a device signs is read back as it was written, and nothing else is read."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from doorward.kernel.ids import DeviceId, SiteId
from doorward.passages.message_order import HIGHEST_COUNTER
from doorward.passages.signed_request import SCHEME, SignedRequest, parsed

SITE = SiteId("site")
requests = st.builds(
    SignedRequest,
    st.uuids().map(str).map(DeviceId),
    st.integers(1, HIGHEST_COUNTER),
    st.integers(0, 4_000_000_000).map(lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.binary(min_size=32, max_size=32),
    st.binary(min_size=64, max_size=64),
)


@given(requests)
def test_is_read_as_it_was_written(request: SignedRequest) -> None:
    assert parsed(request.header().removeprefix(f"{SCHEME} ")) == request


@given(requests, st.integers(0, 400), st.characters(codec="ascii"))
def test_one_character_more_or_another_is_another_request_or_none(
    request: SignedRequest, place: int, character: str
) -> None:
    written = request.header().removeprefix(f"{SCHEME} ")
    place %= len(written)
    for altered in (written[:place] + character + written[place + 1 :], written[:place] + character + written[place:]):
        assert altered == written or parsed(altered) != request


@given(st.text(max_size=300))
def test_anything_else_is_none(text: str) -> None:
    assert parsed(text) is None


@given(requests, requests)
def test_what_is_signed_tells_every_part(one: SignedRequest, other: SignedRequest) -> None:
    told = one.to_be_signed(SITE, "POST", "/v1/device/deliveries")
    assert told != one.to_be_signed(SITE, "POST", "/v1/device")
    assert told != one.to_be_signed(SiteId("other"), "POST", "/v1/device/deliveries")
    is_same = (one.device, one.counter, one.sent_at, one.digest) == (
        other.device,
        other.counter,
        other.sent_at,
        other.digest,
    )
    assert (told == other.to_be_signed(SITE, "POST", "/v1/device/deliveries")) == is_same
