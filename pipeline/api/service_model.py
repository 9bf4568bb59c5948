"""botocore's model of Step Functions: what each action takes and gives."""

from functools import lru_cache
from typing import Any

from botocore.model import ServiceModel
from botocore.session import Session


@lru_cache
def service_model() -> Any:
    """The model of the service; its shapes are made when they are first asked for."""
    return ServiceModel(Session().get_service_data("stepfunctions"), "stepfunctions")


def operation(action: str) -> Any:
    """The model of an action, or None where AWS has none of this name."""
    model = service_model()
    return model.operation_model(action) if action in model.operation_names else None
