"""The shared photos of documents against what their zones say, read by eye."""

from collections.abc import Callable
from datetime import date
from statistics import median
from time import process_time

import cv2
import numpy as np
import pytest

from doorward.adapters.images import read_photo
from doorward.documents.reading import DocumentReading
from doorward.face.decision import Reason
from doorward.wiring.face.documents import THREADS, DocumentModels
from shared_data import WHOLE, shared

Read = Callable[[np.ndarray], DocumentReading]

# File: format, issuing state, number, birth and expiry as six digits, name; by eye.
TRUTH = {
    "0_pass-lva.jpg": ("TD3", "LVA", "LT0000000", "860510", "121031", "MOHAMADA, FARIDA"),
    "100_id-che.jpg": ("TD1", "CHE", "S0002068", "810228", "130101", "VADIS, QUO"),
    "100_id-mac.jpg": ("TD1", "MAC", "12281507", "610622", "121230", "CHONG, KA KEONG"),
    "100_id-rou.jpg": ("TD2", "ROU", "HD198025", "850509", "130509", "SAVA, SUPERMAN"),
    "100_id-si.jpg": ("TD1", "SI", "099991001", "660607", "080727", "VZOREC, TINA"),
    "100_id-usa.jpg": ("TD1", "USA", "000000003", "580817", "100402", "SPECIMEN, TEST VOID"),
    "100_pass-bdr.jpg": ("TD3", "BDR", "CA000000", "640812", "180221", "MUSTERMANN, ERIKA"),
    "100_pass-chn.jpg": ("TD3", "TWN", "000000000", "760101", "140401", "LIN, MEI HUA"),
    "100_pass-cze.jpg": ("TD3", "CZE", "99003853", "110101", "120704", "SPECIMEN, VZOR"),
    "100_pass-cze2.jpg": ("TD3", "CZE", "99009054", "690622", "160729", "SPECIMEN, VZOR"),
    "100_pass-fin.png": ("TD3", "FIN", "XP8271602", "711221", "110821", "VIRTANEN, MARIA OLIVIA"),
    "100_pass-hrv.jpg": ("TD3", "HRV", "007007007", "821225", "140701", "SPECIMEN, SPECIMEN"),
    "100_pass-isl.png": ("TD3", "ISL", "A0000000", "661231", "090526", "AEVARSDOTTIR, THURIDUR OESP"),
    "100_pass-ltu.jpg": ("TD3", "LTU", "00000000", "591123", "120101", "BASANAVICIENE, BIRUTE"),
    "100_pass-lux.jpg": ("TD3", "LUX", "S998527", "780620", "110808", "MAUS, KETTY"),
    "100_pass-polx.jpg": ("TD3", "POL", "AA0000000", "600208", "141231", "KOWALSKA KWIATKOWSKA, JOANNA"),
    "100_pass-uto.jpg": ("TD3", "UTO", "L898902C3", "740812", "120415", "ERIKSSON, ANNA MARIA"),
    "100_pass2-uto.jpg": ("TD2", "UTO", "D23145890", "740812", "120415", "ERIKSSON, ANNA MARIA"),
    "100_visa-polx.jpg": ("MRVB", "POL", "PL0000000", "600208", "050501", "KOWALSKA KWIATKOWSKA, BEATA"),
    "100_visa-usa.jpg": ("MRVA", "USA", "555123ABC", "650205", "041223", "TRAVELER, HAPPYPERSON"),
    "24_pass-egy.jpg": ("TD3", "EGY", "A00051376", "600220", "150315", "MABROUK, ALAAELDIN ISMAIL MOHAMED"),
    "25_pass-uto.jpg": ("TD3", "UTO", "L898902C3", "740812", "120415", "ERIKSSON, ANNA MARIA"),
    "27_pass-gbr.jpg": ("TD3", "GBR", "107182890", "850117", "160131", "UNITED KINGDOM TWENTY SIX, JODIE PIPPA"),
    "43_pass-fra.jpg": ("TD3", "FRA", "08CD50338", "600410", "180605", "ULYSSE, CHRISTOPHE"),
    "43_pass-twn.jpg": ("TD3", "TWN", "M00000426", "680302", "980104", "LIN, CHIEN SHENG"),
    "53_id-d.jpg": ("TD1", "D", "T22000129", "640812", "201031", "MUSTERMANN, ERIKA"),
    "62_pass-aus.png": ("TD3", "AUS", "PA0940409", "840607", "190321", "CITIZEN, JANE"),
    "62_pass-pol.png": ("TD3", "POL", "ZS0000177", "720330", "160713", "KOWALSKA, ANNA"),
    "79_pass-can.jpg": ("TD3", "CAN", "ZE000509", "850101", "230114", "MARTIN, SARAH"),
    "79_pass-hun.png": ("TD3", "HUN", "BD0002028", "780222", "220301", "HANDRA, ROZALIA IRMA"),
    "98_pass-nld.jpg": ("TD3", "NLD", "XA0000014", "711019", "060412", "MEULENDIJK, LOES ALBERTINE"),
    "passport-td2.jpg": ("TD2", "UTO", "D23145890", "740812", "120415", "ERIKSSON, ANNA MARIA"),
    "passport-td3.jpg": ("TD3", "UTO", "L898902C3", "740812", "120415", "ERIKSSON, ANNA MARIA"),
}
# The specimens on which a check digit is printed wrong.
WRONG_THEMSELVES = ("0_id-esp.png", "33_id-usa.jpg", "77_card-cmw.png")
MUST_BE_READ = tuple(name for name in TRUTH if name.startswith("100"))
# What the suite reads by default: every format, printed names and none, cards with and without a portrait, a birth
# more than a hundred years ago, a harder page of each kind of file, and a wrong digit. `bench documents` reads all.
PART = (
    "100_id-che.jpg",
    "100_id-rou.jpg",
    "100_pass-cze.jpg",
    "100_pass-isl.png",
    "100_visa-polx.jpg",
    "100_visa-usa.jpg",
    "43_pass-fra.jpg",
    "62_pass-aus.png",
    "passport-td2.jpg",
    "77_card-cmw.png",
)
READ = tuple(name for name in (*TRUTH, *WRONG_THEMSELVES) if WHOLE or name in PART)
OTHERS_AT_LEAST = 13 if WHOLE else 3
NAMES_AT_LEAST = 15 if WHOLE else 6
TURNED = ("100_pass-uto.jpg", "53_id-d.jpg", "100_visa-usa.jpg", "62_pass-aus.png")
QUARTERS = tuple((name, quarters) for name in TURNED for quarters in (1, 2, 3))
FIRST_LOOK_SECONDS = 0.6
TODAY = date(2026, 11, 23)
WITH_PORTRAIT = ("100_id-rou.jpg", "100_visa-usa.jpg", "62_pass-aus.png", "0_pass-lva.jpg", "passport-td2.jpg")
WITHOUT_PORTRAIT = ("100_id-che.jpg", "53_id-d.jpg")


def photo(name: str) -> np.ndarray:
    return read_photo(shared("documents", name))


def told(reading: DocumentReading) -> tuple[str, ...]:
    """What a confirmed zone says, as ``TRUTH`` has it; dates without their century, for the zone has none."""
    zone = reading.zone
    assert zone is not None
    assert zone.birth_date is not None
    dates = f"{zone.birth_date:%y%m%d}", f"{zone.expiry_date:%y%m%d}"
    return zone.format.value, zone.issuing_state, zone.number, *dates


def test_the_table_names_every_shared_photo() -> None:
    assert {path.name for path in shared("documents").iterdir()} == {*TRUTH, *WRONG_THEMSELVES}
    assert (len(MUST_BE_READ), len(TRUTH) - len(MUST_BE_READ)) == (19, 14)


def test_the_shared_photos_are_read(read: Read) -> None:
    """One test, for it reads each once."""
    readings = {name: read(photo(name)) for name in READ}
    assert len(readings) == (36 if WHOLE else len(PART))
    nothing_confirmed_is_wrong_and_enough_is_confirmed(readings)
    specimens_with_wrong_digits_are_refused(readings)
    a_confirmed_name_is_right_and_many_are_confirmed(readings)
    portraits_are_found_where_there_are_some(readings)
    assert all(reading.is_expired for reading in readings.values() if reading.zone is not None)
    over_a_hundred = readings["100_pass-cze.jpg"].zone
    assert over_a_hundred is not None
    assert str(over_a_hundred.birth_date) == "1911-01-01"


def nothing_confirmed_is_wrong_and_enough_is_confirmed(readings: dict[str, DocumentReading]) -> None:
    confirmed = {name: told(reading) for name, reading in readings.items() if reading.zone is not None}
    assert {name: said for name, said in confirmed.items() if said != TRUTH.get(name, ("",))[:5]} == {}
    assert [name for name in READ if name in MUST_BE_READ and name not in confirmed] == []
    assert len(confirmed.keys() - MUST_BE_READ) >= OTHERS_AT_LEAST


def specimens_with_wrong_digits_are_refused(readings: dict[str, DocumentReading]) -> None:
    wrong = [reading for name, reading in readings.items() if name in WRONG_THEMSELVES]
    assert {reading.reason for reading in wrong} == {Reason.DOCUMENT_NOT_CONFIRMED}
    assert {reading.to_json()["fields"] for reading in wrong} == {None}


def a_confirmed_name_is_right_and_many_are_confirmed(readings: dict[str, DocumentReading]) -> None:
    names = {
        name: f"{reading.zone.name.primary}, {reading.zone.name.secondary}"
        for name, reading in readings.items()
        if reading.zone is not None and reading.name_confirmed
    }
    assert {name: said for name, said in names.items() if said != TRUTH[name][5]} == {}
    assert len(names) >= NAMES_AT_LEAST


def portraits_are_found_where_there_are_some(readings: dict[str, DocumentReading]) -> None:
    assert [name for name in READ if name in WITH_PORTRAIT and not readings[name].has_portrait] == []
    assert [name for name in READ if name in WITHOUT_PORTRAIT and readings[name].has_portrait] == []


def test_a_first_look_takes_less_than_its_share_of_two_threads(models: DocumentModels) -> None:
    """Processor time, which other work on the machine hardly lengthens."""
    pages = [photo(name) for name in MUST_BE_READ[::3]]
    models.zones.read(pages[0], TODAY)
    took = []
    for page in pages:
        began = process_time()
        assert models.zones.read(page, TODAY).looks == 1
        took.append(process_time() - began)
    assert median(took) <= THREADS * FIRST_LOOK_SECONDS


@pytest.mark.parametrize(("name", "quarters"), QUARTERS if WHOLE else QUARTERS[::2])
def test_a_page_turned_by_quarters_is_read(read: Read, name: str, quarters: int) -> None:
    reading = read(np.rot90(photo(name), quarters))
    assert told(reading) == TRUTH[name][:5]
    assert reading.has_portrait == (name not in WITHOUT_PORTRAIT)


@pytest.mark.parametrize("degrees", [-12, 7])
def test_a_tilted_page_is_read(read: Read, degrees: float) -> None:
    page = photo("100_pass-isl.png")
    height, width = page.shape[:2]
    transform = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.8)
    tilted = cv2.warpAffine(page, transform, (width, height), borderValue=(90, 90, 90))
    assert told(read(tilted)) == TRUTH["100_pass-isl.png"][:5]


def test_a_page_cut_through_its_zone_is_incomplete(read_hurriedly: Read) -> None:
    page = photo("100_pass-hrv.jpg")
    height, width = page.shape[:2]
    assert read_hurriedly(page[:, : width * 3 // 5]).reason is Reason.DOCUMENT_INCOMPLETE
    assert read_hurriedly(page[: int(height * 0.84)]).reason is Reason.DOCUMENT_INCOMPLETE
