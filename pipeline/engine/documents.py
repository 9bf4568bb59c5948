"""JSON texts within requests: inputs, outputs, payloads."""

from pipeline.language.json_value import Json, loads

MAX_LEVELS = 1000
"""The depth that Jackson, the usual parser of Java, reads: any worker can parse what passes."""


def read_document(text: str) -> Json:
    """The value of a JSON text.

    Raises:
        ValueError: The text is not JSON, or is nested too deeply.
    """
    value = loads(text)
    # Counting brackets is cheap and spares almost every text the walk through its value.
    if text.count("[") + text.count("{") > MAX_LEVELS and _is_deeper(value, MAX_LEVELS):
        raise ValueError(f"nested more than {MAX_LEVELS} levels deep")
    return value


def _is_deeper(value: Json, levels: int) -> bool:
    containers = [value] if isinstance(value, list | dict) else []
    for _ in range(levels):
        containers = [
            item
            for container in containers
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, list | dict)
        ]
    return bool(containers)
