"""Parameters that several commands share."""

import click

from doorward.kernel.ids import PersonId, parse_person_id


class PersonParameter(click.ParamType[PersonId]):
    """A person id, checked."""

    name = "id"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> PersonId:
        return parse_person_id(value)


PERSON = PersonParameter()
DAY = click.DateTime(["%Y-%m-%d"])
