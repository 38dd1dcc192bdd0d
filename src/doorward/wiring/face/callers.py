"""Who calls over HTTP: the bearer of a token, a device that signs, or whoever was invited to become one."""

from doorward.kernel.permissions import Presented
from doorward.passages.signed_request import SCHEME
from doorward.wiring.face.devices import Devices, Invited, SigningDevice
from doorward.wiring.face.tokens import Token, Tokens

INVITATION_SCHEME = "doorward-invitation"


class Callers:
    def __init__(self, tokens: Tokens, devices: Devices) -> None:
        self._tokens = tokens
        self._devices = devices

    def holder(self, presented: Presented) -> Token | SigningDevice | Invited:
        """``Unauthenticated`` when the credential is not valid, or of a kind that nobody has."""
        if presented.scheme == SCHEME:
            return self._devices.signer(presented.credential, presented.method, presented.path)
        if presented.scheme == INVITATION_SCHEME:
            return self._devices.invited(presented.credential)
        # Any other kind is refused as a token that is not valid, in the same words.
        return self._tokens.holder(presented.credential if presented.scheme == "bearer" else "")
