"""botocore's model of Lambda: how each action is asked for by HTTP."""

from functools import lru_cache
from typing import Any

from botocore.model import ServiceModel
from botocore.session import Session


@lru_cache
def lambda_model() -> Any:
    """The model of the service; its shapes are made when they are first asked for."""
    return ServiceModel(Session().get_service_data("lambda"), "lambda")
