"""Machine-readable zones composed from their fields, with right check digits."""

from dataclasses import dataclass

from doorward.documents.check_digits import check_digit
from doorward.documents.layouts import Format


@dataclass(frozen=True)
class Fields:
    format: Format = Format.TD3
    code: str = "P"
    state: str = "UTO"
    number: str = "L898902C3"
    primary: str = "ERIKSSON"
    secondary: str = "ANNA MARIA"
    birth: str = "740812"
    sex: str = "F"
    nationality: str = "UTO"
    expiry: str = "320415"
    optional: str = ""
    second_optional: str = ""


def zone_of(fields: Fields) -> list[str]:
    """The zone's lines, after the specimens in Doc 9303."""
    builders = {Format.TD1: _td1, Format.TD2: _td2, Format.TD3: _td3, Format.MRVA: _visa, Format.MRVB: _visa}
    return builders[fields.format](fields)


def _padded(text: str, length: int) -> str:
    assert len(text) <= length
    return text.ljust(length, "<")


def _with_digit(text: str) -> str:
    return text + check_digit(text)


def _name(fields: Fields, length: int) -> str:
    return _padded("<<".join((fields.primary, fields.secondary)).replace(" ", "<")[:length], length)


def _head(fields: Fields) -> str:
    return _padded(fields.code, 2) + _padded(fields.state, 3)


def _number_and_rest(fields: Fields, length: int) -> tuple[str, str]:
    """Number with its digit (10 signs), and the optional field, into which a long number goes on."""
    if len(fields.number) <= 9:
        return _with_digit(_padded(fields.number, 9)), _padded(fields.optional, length)
    return fields.number[:9] + "<", _padded(
        fields.number[9:] + check_digit(fields.number) + "<" + fields.optional, length
    )


def _dates(fields: Fields) -> tuple[str, str]:
    return _with_digit(fields.birth), _with_digit(fields.expiry)


def _td1(fields: Fields) -> list[str]:
    number, optional = _number_and_rest(fields, 15)
    birth, expiry = _dates(fields)
    rest = _padded(fields.second_optional, 11)
    digit = check_digit(number + optional + birth + expiry + rest)
    return [
        _head(fields) + number + optional,
        birth + fields.sex + expiry + _padded(fields.nationality, 3) + rest + digit,
        _name(fields, 30),
    ]


def _two_lines(fields: Fields, length: int, number: str, rest: str) -> list[str]:
    birth, expiry = _dates(fields)
    second = number + _padded(fields.nationality, 3) + birth + fields.sex + expiry + rest
    return [_head(fields) + _name(fields, length - 5), second]


def _td2(fields: Fields) -> list[str]:
    number, optional = _number_and_rest(fields, 7)
    digit = check_digit(number + "".join(_dates(fields)) + optional)
    return _two_lines(fields, 36, number, optional + digit)


def _td3(fields: Fields) -> list[str]:
    number, personal = _number_and_rest(fields, 14)
    personal = _with_digit(personal)
    digit = check_digit(number + "".join(_dates(fields)) + personal)
    return _two_lines(fields, 44, number, personal + digit)


def _visa(fields: Fields) -> list[str]:
    length = 44 if fields.format is Format.MRVA else 36
    number, optional = _number_and_rest(fields, length - 28)
    return _two_lines(fields, length, number, optional)
