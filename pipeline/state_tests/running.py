"""Running a test of a state: with its mock, or with what really does its work."""

import asyncio
import random
from uuid import uuid4

from pipeline.calls import PlannedCall, call_here, call_without_waiting, plan, result_of
from pipeline.engine import Engine
from pipeline.frame import Invocation
from pipeline.function_invocations import NobodyAnswered, invoke
from pipeline.functions.function import ServiceAction
from pipeline.language.context_object import ExecutionContext
from pipeline.language.errors import TIMEOUT, ExecutionError
from pipeline.language.evaluation import Sources
from pipeline.language.json_value import Json
from pipeline.language.outcomes import FunctionFailed, FunctionSucceeded, Invoke
from pipeline.state_tests.definitions import TestedState
from pipeline.state_tests.mocks import WorkIsNotMocked, check_mock
from pipeline.state_tests.state_test import StateTest, Verdict
from pipeline.state_tests.trial import Trial
from pipeline.task_token import make_token

_RANDOM = random.SystemRandom()


async def run_test(
    engine: Engine, tested: TestedState, test: StateTest, execution: ExecutionContext
) -> Verdict:
    """Run a test.

    Args:
        engine: Calls the functions.
        tested: The state.
        test: What it is given.
        execution: Of which it is to believe to be a part.

    Raises:
        InvalidStateTest: The test and its state do not fit.
    """
    check_mock(tested, test)
    trial = Trial(tested.state, test, execution, _sources(engine))
    begun = await asyncio.to_thread(trial.begin)
    if isinstance(begun, Verdict):
        return begun
    if test.mock is not None:
        return await asyncio.to_thread(trial.mocked, begun)
    if not isinstance(begun, Invoke):
        raise WorkIsNotMocked
    event = await _call(engine, begun, execution)
    return await asyncio.to_thread(trial.resume, event)


def _sources(engine: Engine) -> Sources:
    return Sources(
        now=engine.clock(),
        random=_RANDOM,
        uuid=lambda: str(uuid4()),
        token=lambda: make_token("test"),
    )


async def _call(
    engine: Engine, work: Invoke, execution: ExecutionContext
) -> FunctionSucceeded | FunctionFailed:
    """Have the function called, by a worker, or the service, from here."""
    started_at = engine.clock()
    scheduled = Invocation(
        resource=work.resource.arn, arguments=work.arguments, role_arn=work.role_arn
    )
    try:
        planned = await asyncio.to_thread(plan, engine, scheduled, execution)
        payload = await _payload(engine, planned, work, execution)
    except ExecutionError as error:
        return FunctionFailed(error=error.error, cause=error.cause, started_at=started_at)
    except NobodyAnswered:
        return FunctionFailed(error=TIMEOUT, cause="", started_at=started_at)
    return FunctionSucceeded(output=result_of(planned, payload), started_at=started_at)


async def _payload(
    engine: Engine, planned: PlannedCall, work: Invoke, execution: ExecutionContext
) -> Json:
    """What the function or the service returns.

    Raises:
        ExecutionError: It failed.
        NobodyAnswered: No worker has called the function in time.
    """
    function, wanted = planned.function, planned.invocation
    if isinstance(function, ServiceAction):
        return await asyncio.to_thread(call_here, engine, planned, work.deadline)
    if not planned.is_waited_for:
        await asyncio.to_thread(call_without_waiting, engine, str(uuid4()), planned)
        return None
    arn = wanted.reference
    if not arn.startswith("arn:"):
        region, account_id = execution.execution_arn.split(":")[3:5]
        arn = f"arn:aws:lambda:{region}:{account_id}:function:{arn}"
    invoked = await invoke(engine, function, arn, wanted.event, str(uuid4()))
    if invoked.error is not None:
        raise ExecutionError(invoked.error, invoked.cause or "")
    return invoked.payload
