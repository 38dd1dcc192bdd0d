"""Error rates within groups of the subjects, as the user's own list names them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from doorward.errors import WrongUse
from doorward.evaluation.false_matches import false_match_rate
from doorward.evaluation.rates import RULE_OF_3, RULE_OF_30, AllPairs, Rate, true_accept_rate

FEWEST_SUBJECTS = 30
"""Below this an interval over subjects means little (ISO/IEC 19795-1 advises at least so many)."""


@dataclass(frozen=True, slots=True)
class GroupRates:
    """``fmr``: among pairs of two subjects of the group. None where there is no pair of the kind.

    ``is_small``: too few subjects, or too few pairs for the rate that the threshold stands for (rule of 3).
    """

    name: str
    subjects: int
    mated: int
    non_mated: int
    fmr: Rate | None
    fnmr: Rate | None
    is_small: bool


def parse_groups(text: str) -> dict[str, str]:
    """``person,group`` a line, in CSV; a first line of exactly these words is a heading. ``WrongUse`` names a line."""
    groups: dict[str, str] = {}
    for number, row in enumerate(csv.reader(text.splitlines()), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (number == 1 and cells == ["person", "group"]):
            continue
        if len(cells) != 2 or not all(cells):
            raise WrongUse(f"Line {number} of the list of groups is not `person,group`; correct it.")
        if groups.setdefault(cells[0], cells[1]) != cells[1]:
            raise WrongUse(f"Line {number} of the list of groups puts a person into a second group; correct it.")
    if not groups:
        raise WrongUse("The list of groups is empty; write `person,group` a line.")
    return groups


def group_rates(
    pairs: AllPairs, names: Sequence[str], groups: Mapping[str, str], threshold: float, fmr: float
) -> tuple[GroupRates, ...]:
    """Each group's rates at ``threshold``, which stands for ``fmr`` among everybody; by the group's name.

    ``names``: the subjects' by their number in ``pairs``. Whoever has no group is in none.
    """
    rates = []
    for name in sorted({groups[person] for person in names if person in groups}):
        members = np.array([number for number, person in enumerate(names) if groups.get(person) == name])
        own = np.isin(pairs.subjects, members)
        accepted = true_accept_rate(pairs.mated[own], pairs.subjects[own], threshold)
        matched = false_match_rate(pairs, threshold, members)
        non_mated = matched[2] if matched else 0
        rates.append(
            GroupRates(
                name,
                len(members),
                int(own.sum()),
                non_mated,
                matched[0] if matched else None,
                _complement(accepted) if accepted else None,
                len(members) < FEWEST_SUBJECTS or non_mated * fmr < RULE_OF_3 or own.sum() < RULE_OF_30,
            )
        )
    return tuple(rates)


def _complement(rate: Rate) -> Rate:
    return Rate(1 - rate.value, 1 - rate.high, 1 - rate.low, rate.threshold)
