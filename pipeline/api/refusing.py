"""The engine's refusals, told as the errors of the endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.api.errors import ApiError
from pipeline.integrations.request_errors import Refusal
from pipeline.language.errors import InvalidDefinition
from pipeline.state_machines.rejected_definitions import DefinitionRejected


@contextmanager
def refusing() -> Iterator[None]:
    """Tell what the engine refuses within the block by AWS's name.

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
