"""Centuries that a zone leaves out, and names that no digit covers."""

from datetime import date

import pytest

from doorward.documents.dates import birth_date, expiry_date, printed_years
from doorward.documents.names import DocumentName

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("digits", "born"),
    [
        ("740812", date(1974, 8, 12)),
        ("261123", date(2026, 11, 23)),
        ("261124", date(1926, 11, 24)),
        ("000229", date(2000, 2, 29)),
        ("110101", date(2011, 1, 1)),
    ],
)
def test_a_birth_is_the_latest_that_is_not_ahead(digits: str, born: date) -> None:
    assert birth_date(digits, TODAY) == born


def test_the_page_decides_between_a_child_and_somebody_over_a_hundred() -> None:
    assert birth_date("110101", TODAY, printed_years(["01.01.1911"])) == date(1911, 1, 1)
    assert birth_date("110101", TODAY, printed_years(["1911", "2011"])) == date(2011, 1, 1)
    assert birth_date("110101", TODAY, printed_years(["No. 219114"])) == date(2011, 1, 1)


@pytest.mark.parametrize(
    ("digits", "expires"),
    [("120415", date(2012, 4, 15)), ("980104", date(1998, 1, 4)), ("761101", date(2076, 11, 1)), ("760230", None)],
)
def test_an_expiry_lies_at_most_fifty_years_ahead(digits: str, expires: date | None) -> None:
    assert expiry_date(digits, TODAY) == expires


@pytest.mark.parametrize(
    ("zone", "printed"),
    [
        ("ERIKSSON<<ANNA<MARIA", ["Surname ERIKSSON", "Anna Maria"]),
        ("AEVARSDOTTIR<<THURIDUR<OESP", ["ÆVARSDÓTTIR", "ÞURIÐUR ÖSP"]),
        ("KOWALSKA<KWIATKOWSKA<<JOANNA", ["KOWALSKA-KWIATKOWSKA", "JOANNA"]),
        ("OCONNOR<<ENYA<SIOBHAN", ["O'CONNOR", "ENYA SIOBHAN"]),
        ("VZ0REC<<TINA", ["Vzorec Tina"]),
        ("MUELLER<<JOERG", ["MÜLLER", "Jörg"]),
    ],
)
def test_a_name_that_the_page_prints_is_confirmed(zone: str, printed: list[str]) -> None:
    assert DocumentName.of_zone(zone.ljust(39, "<")).is_printed_in(printed)


@pytest.mark.parametrize("zone", ["ERIKSSDN<<ANNA<MARIA", "ERIKSSON<<ANNE<MARIA", "ERIK<<ANNA", "<<"])
def test_a_name_that_the_page_spells_otherwise_is_not(zone: str) -> None:
    assert not DocumentName.of_zone(zone).is_printed_in(["ERIKSSON", "ANNA MARIA"])
