"""The command schema: the JSON Schemas of memcon's JSON output."""

import click

from bot.commands.output import print_json
from corpus.errors import UsageError


@click.command()
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema NAME, such as memcon.answer/1, or list all names.

    Within a schema's number, keys are added and never renamed or removed.
    """
    from bot.render.schemas import read_schema, schema_names

    if name is None:
        click.echo("\n".join(schema_names()))
    elif name in schema_names():
        print_json(read_schema(name))
    else:
        raise UsageError(f"There is no schema {name}.", "memcon schema")
