"""Points, lines, zones and limits as options take them."""

import math

import click

from doorward.crowd.scene import Point
from doorward.errors import WrongUse

NamedPlaces = tuple[str, tuple[Point, ...]]


class PointParameter(click.ParamType[tuple[Point, Point]]):
    """A pixel and its place on the ground, such as 640,360:16,0."""

    name = "pixel:place"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Point, Point]:
        parts = str(value).split(":")
        if len(parts) != 2:
            raise WrongUse(f"The point {value} is not written as pixel:place, such as 640,360:16,0.")
        return _place(parts[0]), _place(parts[1])


class PlacesParameter(click.ParamType[NamedPlaces]):
    """An id and places on the ground, such as door:5,0:5,9."""

    name = "id:place:place"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> NamedPlaces:
        name, *places = str(value).split(":")
        return name, tuple(_place(place) for place in places)


class LimitParameter(click.ParamType[tuple[str, float]]):
    """A zone's id and its limit, such as hall:60."""

    name = "id:people"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        name, _, people = str(value).partition(":")
        return name, _number(people)


POINT, PLACES, LIMIT = PointParameter(), PlacesParameter(), LimitParameter()


def _place(text: str) -> Point:
    parts = text.split(",")
    if len(parts) != 2:
        raise WrongUse(f"The place {text!r} is not written as two numbers, such as 16,9.")
    return _number(parts[0]), _number(parts[1])


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise WrongUse(f"{text!r} is no number; write places as 16,9 and limits as hall:60.")
    return number
