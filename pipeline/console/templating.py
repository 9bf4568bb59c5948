"""The templates of the console; each escapes every value that is put into it."""

from functools import lru_cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, Template

from pipeline.console import formats

_ROOM = "pipeline.console"


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The environment of all templates."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(_ROOM), PackageLoader(_ROOM, "static")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= formats.FILTERS
    return made


def template(name: str) -> Template:
    """A template by its file's name."""
    return environment().get_template(name)
