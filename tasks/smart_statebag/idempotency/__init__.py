"""Which execution may use an idempotency key (Contract 9.2)."""

from tasks.smart_statebag.idempotency.claim import claim_execution
from tasks.smart_statebag.idempotency.finish import Ending, finish_execution

__all__ = ["Ending", "claim_execution", "finish_execution"]
