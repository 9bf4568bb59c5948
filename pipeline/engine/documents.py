"""JSON texts within requests: inputs, outputs, payloads."""

from pipeline.language.json_value import Json, loads

MAX_LEVELS = 1000
"""What Jackson, the usual parser of Java, goes down to: no worker may fail at what was taken."""


def read_document(text: str) -> Json:
    """The value of a JSON text.

    Raises:
        ValueError: The text is not JSON, or is nested too deeply.
    """
    value = loads(text)
    # Counting costs next to nothing, so that hardly any text has to be gone through.
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
