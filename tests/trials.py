"""States tested by themselves, as TestState does it, without a worker."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.api.state_tests.definitions import find_state
from pipeline.api.state_tests.state_test import StateTest, Verdict
from pipeline.api.state_tests.trial import Trial
from tests.pure_engine import pure_engine

_ENGINE = pure_engine({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}})


def tried(state: Mapping[str, Any], state_input: Any) -> Verdict:
    """What a state that asks for no work comes to."""
    tested = find_state(json.dumps(state), None)
    test = StateTest(input=state_input)
    verdict = Trial(tested, test, _ENGINE.execution, _ENGINE.sources()).begin()
    assert isinstance(verdict, Verdict)
    return verdict
