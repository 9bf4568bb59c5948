"""The engine of this process, as the functions of its state machines call it."""

from pipeline.engine.engine import Engine
from pipeline.executions import task_tokens
from pipeline.executions.lifecycle import find_execution
from pipeline.integrations.functions.function import PythonFunction
from pipeline.language.json_value import Json, JsonObject, dumps

LLM_WORKER = "AsyncLLMWorker"
"""The function that processes events from the queue of LLM work."""


class EngineCallbacks:
    """Gives the engine of this process the interface of ``tasks.smart_statebag.callbacks``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def send_task_success(self, token: str, output: Json) -> None:
        """See ``task_tokens.send_task_success``."""
        task_tokens.send_task_success(self._engine, token, output)

    def send_task_failure(self, token: str, error: str, cause: str) -> None:
        """See ``task_tokens.send_task_failure``."""
        task_tokens.send_task_failure(self._engine, token, error, cause)

    def send_task_heartbeat(self, token: str) -> None:
        """See ``task_tokens.send_task_heartbeat``."""
        task_tokens.send_task_heartbeat(self._engine, token)

    def describe_execution(self, execution_arn: str) -> JsonObject:
        """Input and output of an execution as JSON text, the output null while it runs."""
        row = find_execution(self._engine, execution_arn)
        unpack = self._engine.payloads.unpack
        output = None if row.output is None else dumps(unpack(row.output))
        return {"input": dumps(unpack(row.input)), "output": output}

    def send_to_queue(self, queue: str, event: JsonObject) -> None:
        """Have a worker of a queue call the function for LLM work with an event."""
        packed = self._engine.payloads.pack(str(event.get("execution_id")), event)
        function = PythonFunction(name=LLM_WORKER, handler="", queue=queue)
        self._engine.canvas.call_later(function, LLM_WORKER, packed, ([], {})).apply_async()
