"""Step Functions' additions to ecs:runTask.

AWS Step Functions Developer Guide, "Run Amazon ECS or Fargate tasks with Step Functions": ECS
answers a request that started nothing with status 200 and ``Failures``. They are the result of a
state that does not wait; a state that waits fails, because no task would ever end.
"""

from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, dumps

UNKNOWN = "AmazonECS.Unknown"


def reject_failures(result: Json) -> None:
    """Check that ECS started every task.

    Raises:
        ExecutionError: AmazonECS.Unknown with the failures as its cause, if it did not.
    """
    if isinstance(result, dict) and result.get("Failures"):
        raise ExecutionError(UNKNOWN, dumps(result["Failures"]))
