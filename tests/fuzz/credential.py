"""Target: carried credentials. The data is the code's text, then the message in it, then what a true one would say."""

from doorward.adapters.credentials.sealer import VaultCredentialSealer, encoded
from doorward.adapters.credentials.text import octets_of, text_of
from doorward.errors import DoorwardError, WrongUse
from doorward.kernel.ids import CredentialId, PersonId, SiteId
from doorward.people.credential import Credential, Issued, credential_for
from doorward.vault.credentials import CredentialKeys
from doorward.vault.keyring import Keyring
from fakes.clock import FakeClock, FakeRandomness
from fakes.key_provider import FakeKeyProvider
from fakes.key_store import FakeKeyStore
from known_people import NOON, face

SITE = SiteId("0b3e6c1a-5d51-4a6e-b0d4-6f2f6b1f9a77")
KEYS = CredentialKeys(
    SITE,
    Keyring.found(SITE, FakeKeyStore(), FakeKeyProvider(), FakeClock(), FakeRandomness()),
    FakeRandomness(),
)
SEALER = VaultCredentialSealer(KEYS)
SAID = credential_for(Issued(CredentialId(SITE), PersonId(SITE), NOON, NOON), face(1))
SEALED = SEALER.seal(SAID)
SEEDS = (text_of(SEALED).encode(), SEALED, encoded(SAID))


def decode(data: bytes) -> Credential:
    opened = SEALER.open(octets_of(data.decode("ascii", "replace")))
    if not isinstance(opened, Credential):
        raise WrongUse(opened.value)
    return opened


def fuzz(data: bytes) -> None:
    for shown in (data, text_of(data).encode(), text_of(KEYS.seal(data[:336])).encode()):
        try:
            decode(shown)
        except DoorwardError:
            continue
