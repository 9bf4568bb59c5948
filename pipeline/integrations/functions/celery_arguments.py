"""How the event of a function becomes the arguments of a Celery task."""

from pipeline.language.json_value import Json, JsonObject


def celery_arguments(event: Json) -> tuple[list[Json], JsonObject]:
    """The positional and keyword arguments of a Celery function's task.

    An object becomes keyword arguments, an array positional ones, anything else one argument.
    """
    match event:
        case dict():
            return [], event
        case list():
            return event, {}
        case _:
            return [event], {}
