"""The officer who vouches for what no machine can: their name stands in the log."""

from doorward.errors import WrongUse

LONGEST_OFFICER = 60


def named_officer(name: str) -> str:
    """``name`` without blanks around it; ``WrongUse`` when it is none."""
    plain = name.strip()
    if not plain or len(plain) > LONGEST_OFFICER or not plain.isprintable():
        raise WrongUse(f"Name the officer who looked, in 1 to {LONGEST_OFFICER} printable characters.")
    return plain
