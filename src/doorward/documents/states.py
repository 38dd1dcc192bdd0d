"""Codes of issuing states and organisations: ISO 3166-1 alpha-3, and those of ICAO Doc 9303-3, section 5."""

from collections.abc import Sequence

from doorward.documents.check_digits import FILLER
from doorward.documents.doubts import RARE, Rivals, combined
from doorward.documents.twins import as_letters

_CODES = (
    "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM "
    "BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR "
    "CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB "
    "GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA "
    "JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA "
    "MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR "
    "NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS "
    "SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON "
    "TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE "
    # Germany, British passports, organisations, people without a state, and the specimens' Utopia.
    "D GBD GBN GBO GBP GBS RKS EUE UNO UNA UNK XBA XIM XCC XCE XCO XEC XPO XES XMP XOM XDC XCT XXA XXB XXC XXX UTO"
)
STATES = frozenset(_CODES.split())


def stated(read: str, rivals: Sequence[Rivals]) -> list[str]:
    """The codes that three signs may mean, the likeliest first: the one read, and those in doubt with it.

    Nothing covers a state with a check digit, but there are few. A code that is none of them gives way to the one known
    code that it may have been; one that stays is a state's that the list does not know, as on many specimens.
    """
    first = _code(read)
    known = {code: share for text, share in combined(read, rivals) if (code := _code(text)) in STATES and code != first}
    if first in STATES:
        return [first, *(code for code, share in known.items() if share >= RARE)]
    return sorted(known, key=lambda code: -known[code]) or [first]


def _code(text: str) -> str:
    return as_letters(text).rstrip(FILLER)
