"""What a site does with passages beside recording them, in the words of its record of processing."""

from collections.abc import Sequence

from doorward.passages.legal_hold import LONGEST
from doorward.passages.statistics import FEWEST, KEPT
from doorward.wiring.face.site import Site


def uses_of_passages(site: Site) -> Sequence[str]:
    """From the settings as they are; about nobody in particular."""
    mode, now = site.presence_lists.mode(), site.stores.vault.clock.now()
    holds = sum(one.is_in_force(now) for one in site.stores.holds.all())
    presence = f"on since {mode.since:%Y-%m-%d}, people were told by “{mode.notice}”" if mode else "off"
    return (
        "Reading: one person's at a time, by operators for a stated purpose, at most "
        f"{site.reading_span.hours()} hours back; each look is told to the person",
        "A person's own reading: their passages and every look, once their face is verified",
        f"Presence lists, of who is inside, for an evacuation: {presence}",
        f"Legal holds: one person's passages of a span, kept once two signatories agreed, at most {LONGEST.days} days "
        f"(GDPR Art. 17(3)(e)); {holds} in force now",
        f"Statistics: how many passages a checkpoint had in an hour, kept {KEPT.days} days without saying whose, told "
        f"in tens and never fewer than {FEWEST}",
    )
