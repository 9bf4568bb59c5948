"""What Step Functions adds to ecs:runTask.

AWS Step Functions Developer Guide, "Run Amazon ECS or Fargate tasks with Step Functions": a request
that started nothing is answered with a status of 200 and ``Failures``. A state that only requests
gets them as its result; one that waits would wait for nobody.
"""

from pipeline.language.errors import ExecutionError
from pipeline.language.json_value import Json, dumps

UNKNOWN = "AmazonECS.Unknown"


def reject_failures(result: Json) -> None:
    """Fail if some task was not started.

    Raises:
        ExecutionError: AmazonECS.Unknown, with the failures as its cause.
    """
    if isinstance(result, dict) and result.get("Failures"):
        raise ExecutionError(UNKNOWN, dumps(result["Failures"]))
