"""The arguments of a Celery task, made from a function's event."""

from pipeline.language.json_value import Json, JsonObject


def celery_arguments(event: Json) -> tuple[list[Json], JsonObject]:
    """The positional and keyword arguments of a Celery function's task.

    An object becomes keyword arguments, an array positional ones, any other value one argument.
    """
    match event:
        case dict():
            return [], event
        case list():
            return event, {}
        case _:
            return [event], {}
