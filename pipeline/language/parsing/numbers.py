"""Numbers of a state, given directly or computed (``TimeoutSeconds``, ``MaxConcurrency``)."""

from pipeline.language.fields import Expression
from pipeline.language.parsing.object_reader import MAX_INTEGER, ObjectReader
from pipeline.language.parsing.paths import constant_or_path
from pipeline.language.parsing.templates import read_jsonata_string


def read_integer(
    reader: ObjectReader, name: str, *, minimum: int, maximum: int = MAX_INTEGER
) -> int | Expression | None:
    """An integer within the limits, the field ``<name>Path``, or a JSONata string."""
    if (expression := read_jsonata_string(reader, name)) is not None:
        return expression
    return constant_or_path(reader, name, reader.integer(name, minimum=minimum, maximum=maximum))


def read_number(
    reader: ObjectReader, name: str, *, minimum: float, maximum: float
) -> float | Expression | None:
    """A number within the limits, the field ``<name>Path``, or a JSONata string."""
    if (expression := read_jsonata_string(reader, name)) is not None:
        return expression
    return constant_or_path(reader, name, reader.number(name, minimum=minimum, maximum=maximum))
