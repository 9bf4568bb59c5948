"""Children of a distributed Map whose ExecutionType is EXPRESS.

Such a child has its row in the ledger, because the map run counts it and its lane goes on behind
it, but no transitions: it runs in one go. A child whose worker is lost runs again from its start.
"""

from dataclasses import replace

from pipeline.engine.engine import Engine
from pipeline.executor.burst import Burst
from pipeline.executor.express.execution import ExpressResult, run_express
from pipeline.interpreter.frame import Phase
from pipeline.language.outcomes import Failed, Succeeded
from pipeline.ledger.rows import ExecutionStatus


def run_express_child(engine: Engine, burst: Burst) -> Succeeded | Failed:
    """Run a child that is about to start; the burst is then to be committed.

    Only the first and the last event of its history are kept: the results of the map run need
    those.
    """
    result = run_express(engine, burst.machine, burst.frame, burst.execution, frame_id=burst.row.id)
    burst.frame = replace(burst.frame, phase=Phase(result.status), input=None)
    _keep_ends(burst, result)
    if result.status is ExecutionStatus.SUCCEEDED:
        return Succeeded(output=result.output)
    return Failed(error=result.error or "", cause=result.cause or "")


def _keep_ends(burst: Burst, result: ExpressResult) -> None:
    events = [
        event
        for batch in result.history
        if batch.frame_id == burst.row.id
        for event in batch.events
    ]
    burst.events += events[:1] + events[1:][-1:]
