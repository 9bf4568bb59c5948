"""Parallel and Map states end to end, in both modes."""

from pipeline.ledger import fan_outs
from tests.machines import call, distributed, each, only, side_by_side
from tests.platforms import SLOTS, Platform


def test_a_map_of_a_thousand_items_returns_every_result_in_order(platform: Platform) -> None:
    ended = platform.run(only(each(only(call("double")))), list(range(1000)))
    assert ended.status == "SUCCEEDED"
    assert ended.output == [2 * item for item in range(1000)]


def test_a_parallel_of_25_branches_of_three_task_states_joins_them_in_order(
    platform: Platform,
) -> None:
    branches = [
        {
            "StartAt": f"Begin {number}",
            "States": {
                f"Begin {number}": {"Type": "Pass", "Result": number, "Next": f"One {number}"},
                f"One {number}": call("double", Next=f"Two {number}"),
                f"Two {number}": call("double", Next=f"Three {number}"),
                f"Three {number}": call("double"),
            },
        }
        for number in range(25)
    ]
    ended = platform.run(only(side_by_side(*branches)), 0)
    assert ended.output == [8 * number for number in range(25)]


def test_a_map_inside_a_parallel_inside_a_map_keeps_its_results_apart(platform: Platform) -> None:
    inner = each(only(call("double")), ItemsPath="$.items")
    branches = side_by_side(only(inner), only(call("echo", InputPath="$.name")))
    rows = [{"name": f"row {row}", "items": list(range(row))} for row in range(7)]
    ended = platform.run(only(each(only(branches))), rows)
    assert ended.output == [[[2 * item for item in range(row)], f"row {row}"] for row in range(7)]


def test_a_distributed_map_inside_a_parallel_leaves_both_snapshots_in_the_object_store(
    platform: Platform,
) -> None:
    wide = each(distributed(call("double")), MaxConcurrency=3)
    execution = platform.start(
        only(side_by_side(only(wide, "Wide"), only(call("echo")))), list(range(20))
    )
    ended = platform.wait(execution)
    assert ended.output == [[2 * item for item in range(20)], list(range(20))]
    engine = platform.engine
    with engine.database.reading() as connection:
        rows = fan_outs.fan_outs_of_execution(connection, execution.id)
    (run,) = [row for row in rows if row.state == "Wide"]
    stored = {found.key for found in engine.payloads.store.keys(f"executions/{execution.id}/")}
    for packed, moment, succeeded in (
        (run.pre_snapshot, "pre", 0),
        (run.post_snapshot, "post", 20),
    ):
        assert packed is not None
        pointer = engine.payloads.pointer_of(packed)
        assert pointer is not None
        assert pointer.key in stored
        snapshot = engine.payloads.unpack(packed)
        assert isinstance(snapshot, dict)
        shown = (snapshot["snapshot"], snapshot["total"], snapshot["succeeded"])
        assert shown == (moment, 20, succeeded)


def test_a_failing_branch_aborts_its_siblings_and_is_caught(platform: Platform) -> None:
    catch = [{"ErrorEquals": ["NotYet"], "ResultPath": "$.caught", "Next": "Recover"}]
    wait = {"Type": "Wait", "Seconds": 3600, "End": True}
    nested = only(each(only(wait), ItemsPath="$.items"))
    parallel = side_by_side(only(wait, "Sleeper"), nested, only(call("fail"), "Failing"))
    del parallel["End"]
    machine = {
        "StartAt": "Together",
        "States": {
            "Together": {**parallel, "Catch": catch, "Next": "Recover"},
            "Recover": {"Type": "Pass", "OutputPath": "$.caught.Error", "End": True},
        },
    }
    execution = platform.start(machine, {"items": [1, 2, 3]})
    assert platform.wait(execution).output == "NotYet"
    types = platform.types(execution)
    assert "ParallelStateFailed" in types
    assert types[-1] == "ExecutionSucceeded"
    with platform.engine.database.reading() as connection:
        rows = fan_outs.fan_outs_of_execution(connection, execution.id)
    assert not any(row.is_open for row in rows if row.taken)


def test_max_concurrency_is_reached_and_never_exceeded(platform: Platform) -> None:
    limit = SLOTS - 1
    counter = platform.path("counter")
    payload = {"counter": str(counter), "wanted": limit}
    crowd = each(only(call("crowd", Parameters=payload)), MaxConcurrency=limit)
    ended = platform.run(only(crowd), list(range(24)))
    assert ended.status == "SUCCEEDED"
    inside, most = counter.read_text().split()
    assert (int(inside), int(most)) == (0, limit)


def test_a_map_of_no_items_and_an_empty_nested_map_are_empty_arrays(platform: Platform) -> None:
    nested = each(only(each(only(call("double")))))
    assert platform.run(only(nested), []).output == []
    assert platform.run(only(nested), [[], [1], []]).output == [[], [2], []]


def test_a_tolerated_failure_stands_in_the_result_of_a_distributed_map(platform: Platform) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Variable": "$", "NumericEquals": 3, "Next": "Bad"}],
        "Default": "Good",
    }
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Which",
        "States": {"Which": choice, "Bad": call("fail"), "Good": call("double")},
    }
    wide = each(processor, ToleratedFailureCount=1)
    first, second, failed, last = platform.run(only(wide), [1, 2, 3, 4]).output
    assert (first, second, last) == (2, 4, 8)
    assert (failed["Input"], failed["Status"], failed["Error"]) == ("3", "FAILED", "NotYet")
    ended = platform.run(only(wide), [3, 2, 3, 4])
    assert (ended.status, ended.error) == ("FAILED", "States.ExceedToleratedFailureThreshold")
