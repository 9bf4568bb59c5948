"""Translation of the engine's exceptions into the endpoint's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.api.errors import ApiError
from pipeline.integrations.request_errors import RejectedRequest
from pipeline.language.errors import InvalidDefinition
from pipeline.state_machines.rejected_definitions import DefinitionRejected


@contextmanager
def as_api_errors(definition: str | None = None) -> Iterator[None]:
    """Translate the engine's exceptions within the block into AWS's errors.

    Args:
        definition: The document that the client gave, if it gave one.

    Raises:
        ApiError: The engine rejected the request.
    """
    try:
        yield
    except RejectedRequest as rejection:
        raise ApiError(rejection.code, str(rejection), **rejection.members) from rejection
    except InvalidDefinition as error:
        rejected = DefinitionRejected(error.problems, definition)
        raise ApiError(rejected.code, str(rejected)) from error
