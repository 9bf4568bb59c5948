"""Runs a test of a state, with its mock or with the real function or service."""

import asyncio
import random
from dataclasses import replace
from uuid import uuid4

from pipeline.api.state_tests.definitions import TestedState
from pipeline.api.state_tests.mocks import WorkIsNotMocked, check_mock
from pipeline.api.state_tests.state_test import StateTest, Verdict
from pipeline.api.state_tests.trial import Trial
from pipeline.api.state_tests.working import work_of
from pipeline.engine.engine import Engine
from pipeline.engine.task_token import make_token
from pipeline.integrations.services.http_task import HTTP_INVOKE
from pipeline.integrations.services.http_trace import HttpTrace
from pipeline.language.context_object import ExecutionContext
from pipeline.language.evaluation import Sources
from pipeline.language.outcomes import Invoke

_RANDOM = random.SystemRandom()


async def run_test(
    engine: Engine, tested: TestedState, test: StateTest, execution: ExecutionContext
) -> Verdict:
    """Run a test.

    Args:
        engine: Calls the functions.
        tested: The state.
        test: Its input and mock.
        execution: The execution that its context object shows.

    Raises:
        InvalidStateTest: The test and its state do not fit.
    """
    check_mock(tested, test)
    trial = Trial(tested, test, execution, _sources(engine))
    begun = await asyncio.to_thread(trial.begin)
    if isinstance(begun, Verdict):
        return begun
    if test.mock is not None:
        return await asyncio.to_thread(trial.mocked, begun)
    if not isinstance(begun, Invoke):
        raise WorkIsNotMocked
    trace = None
    if f"{begun.resource.service}:{begun.resource.action}" == HTTP_INVOKE:
        trace = HttpTrace(reveals_secrets=test.reveals_secrets)
    event = await work_of(engine, begun, execution, trace)
    return replace(await asyncio.to_thread(trial.resume, event), http=trace)


def _sources(engine: Engine) -> Sources:
    return Sources(
        now=engine.clock(),
        random=_RANDOM,
        uuid=lambda: str(uuid4()),
        token=lambda: make_token("test"),
    )
