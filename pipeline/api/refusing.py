"""Translation of the engine's exceptions into the endpoint's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.api.errors import ApiError
from pipeline.integrations.request_errors import Refusal
from pipeline.language.errors import InvalidDefinition
from pipeline.state_machines.rejected_definitions import DefinitionRejected


@contextmanager
def refusing() -> Iterator[None]:
    """Translate the engine's exceptions within the block into AWS's errors.

    Raises:
        ApiError: The engine has refused.
    """
    try:
        yield
    except Refusal as refusal:
        raise ApiError(refusal.code, str(refusal), **refusal.members) from refusal
    except InvalidDefinition as error:
        rejected = DefinitionRejected(error.problems)
        raise ApiError(rejected.code, str(rejected)) from error
