"""The site's profile: verification only, or identification too once its assessment is recorded."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from doorward.adapters.stores.face.grant_store import GrantStore
from doorward.errors import ProfileOff, WrongUse

_KIND, _NAME = "setting", "profile"


class ProfileName(StrEnum):
    VERIFY = "verify"
    IDENTIFY = "identify"


@dataclass(frozen=True, slots=True)
class Profile:
    """``assessment_*``: title and SHA-256 of the data-protection impact assessment that identification rests on."""

    name: ProfileName = ProfileName.VERIFY
    keep_photos: bool = False
    assessment_title: str | None = None
    assessment_sha256: str | None = None
    notice: str | None = None
    recorded_at: str | None = None

    @property
    def identifies(self) -> bool:
        return self.name is ProfileName.IDENTIFY

    def require_identification(self) -> None:
        """``ProfileOff`` in the verify profile."""
        if not self.identifies:
            raise ProfileOff(
                "Identification is off; record the impact assessment first: `doorward profile identify --dpia FILE`."
            )


class Profiles:
    """The profile as a granted row: who can write the database cannot switch identification on."""

    def __init__(self, grants: GrantStore) -> None:
        self._grants = grants

    def current(self) -> Profile:
        held = self._grants.get(_KIND, _NAME)
        return Profile(**{**held, "name": ProfileName(held["name"])}) if held else Profile()

    def identify(self, assessment: bytes, title: str, notice: str, now: datetime) -> Profile:
        """Switch identification on, recording the assessment and the notice shown to people."""
        if not assessment.strip():
            raise WrongUse("The assessment is empty; give the document that was signed.")
        if not title.strip() or not notice.strip():
            raise WrongUse("An assessment has a title, and people are shown a notice; name both.")
        return self._put(
            Profile(
                ProfileName.IDENTIFY,
                self.current().keep_photos,
                title.strip(),
                sha256(assessment).hexdigest(),
                notice.strip(),
                now.isoformat(timespec="seconds"),
            )
        )

    def verify(self) -> Profile:
        """Back to verification only."""
        return self._put(Profile(ProfileName.VERIFY, self.current().keep_photos))

    def keep_photos(self, keep: bool) -> Profile:
        now = self.current()
        return self._put(
            Profile(now.name, keep, now.assessment_title, now.assessment_sha256, now.notice, now.recorded_at)
        )

    def _put(self, profile: Profile) -> Profile:
        self._grants.put(
            _KIND,
            _NAME,
            {
                "name": profile.name.value,
                "keep_photos": profile.keep_photos,
                "assessment_title": profile.assessment_title,
                "assessment_sha256": profile.assessment_sha256,
                "notice": profile.notice,
                "recorded_at": profile.recorded_at,
            },
        )
        return profile
