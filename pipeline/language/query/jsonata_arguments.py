"""The types of a function's arguments: JSONata's function signatures."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn

from jsonata.jexception import JException
from jsonata.signature import Signature

from pipeline.language.query.jsonata_failure import failure
from pipeline.language.query.jsonata_values import NULL

_ITEM_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "a": "arrays",
        "b": "booleans",
        "f": "functions",
        "n": "numbers",
        "o": "objects",
        "s": "strings",
    }
)


class ArgumentTypes(Signature):  # type: ignore[misc]  # the library is untyped
    """A signature that distinguishes null from undefined, and reports the wrong argument."""

    def get_symbol(self, value: Any) -> str:
        return "l" if value is NULL else str(super().get_symbol(value))

    def set_function_name(self, function_name: str) -> None:
        """Do nothing: the library would rename a function for all expressions when one binds it."""

    def validate(self, args: Any, context: Any) -> Any:
        try:
            return super().validate(args, context)
        except JException as error:
            if error.error == "T0411":
                raise failure("T0411", error.expected, self.function_name) from error
            if error.error == "T0412":
                items = _ITEM_TYPES[error.extra[0]]
                raise failure("T0412", error.current, self.function_name, items) from error
            raise

    def throw_validation_error(self, bad_args: Any, bad_sig: str, function_name: str) -> NoReturn:
        pattern = ""
        fitting = 0
        for parameter in self._params:
            pattern += parameter.regex
            found = re.match(pattern, bad_sig)
            if found is None:
                break
            fitting = found.end()
        raise failure("T0410", fitting + 1, function_name)
