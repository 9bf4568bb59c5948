"""What each node type requires of its ``config`` (Contract 6.5)."""

from collections.abc import Callable
from typing import TypeAlias

from tasks.smart_statebag.bag.json_value import Json, JsonObject
from tasks.smart_statebag.workflow.configuration.problems import Problems
from tasks.smart_statebag.workflow.configuration.vocabulary import COLLECTING, ERROR_HANDLINGS
from tasks.smart_statebag.workflow.expressions import parse_expression, parse_path
from tasks.smart_statebag.workflow.operators import DEFERRED_PARAMS, STRATEGIES
from tasks.smart_statebag.workflow.templates import check_template

Check: TypeAlias = Callable[[JsonObject, str, Problems], None]


def check_config(node_type: str, config: JsonObject, place: str, problems: Problems) -> None:
    """Note what is wrong with the ``config`` of a node of some type."""
    check = _CHECKS.get(node_type)
    if check is not None:
        check(config, place, problems)


def _check_operator(config: JsonObject, place: str, problems: Problems) -> None:
    if "code" in config:
        problems.add(f"{place}/code", "code is not run; use sets or operator_official")
    problems.object_at(config, "sets", place)


def _check_operator_official(config: JsonObject, place: str, problems: Problems) -> None:
    strategy = config.get("strategy")
    if not isinstance(strategy, str) or strategy not in STRATEGIES:
        problems.add(f"{place}/strategy", f"{strategy!r:.100} is not a strategy")
        return
    problems.check_word(config, "error_handling", place, ERROR_HANDLINGS)
    _check_templates(config, ("input",), place, problems)
    if config.get("input_key") is not None:
        problems.check_parses(parse_path, config["input_key"], f"{place}/input_key")
    _check_output_key(config, place, problems)
    params = problems.object_at(config, "params", place)
    deferred = DEFERRED_PARAMS.get(strategy)
    _check_templates(params, tuple(params), f"{place}/params", problems)
    if deferred == "condition" and "condition" in params:
        problems.check_parses(parse_expression, params["condition"], f"{place}/params/condition")


def _check_llm_chat(config: JsonObject, place: str, problems: Problems) -> None:
    for key in ("prompt_content", "system_prompt"):
        if config.get(key) is not None and not isinstance(config[key], str):
            problems.add(f"{place}/{key}", "is not a string")
    _check_templates(config, ("prompt_content", "system_prompt"), place, problems)
    problems.check_whole(config, "max_tokens", place)
    problems.object_at(config, "response_schema", place)
    problems.object_at(config, "retry_config", place)
    _check_output_key(config, place, problems)


def _check_for_each(config: JsonObject, place: str, problems: Problems) -> None:
    problems.check_parses(parse_path, config.get("input_list_key"), f"{place}/input_list_key")
    problems.check_whole(config, "max_iterations", place)
    problems.check_word(config, "on_error", place, COLLECTING)
    _check_output_key(config, place, problems)


def _check_loop(config: JsonObject, place: str, problems: Problems) -> None:
    if config.get("condition") is not None:
        problems.check_parses(parse_expression, config["condition"], f"{place}/condition")
    problems.check_whole(config, "max_iterations", place)


def _check_subgraph(config: JsonObject, place: str, problems: Problems) -> None:
    for key in ("input_mapping", "output_mapping"):
        mapping = problems.object_at(config, key, place)
        for name, target in mapping.items():
            if not isinstance(target, str):
                problems.add(f"{place}/{key}/{name}", "is not a state key")


def _check_api_call(config: JsonObject, place: str, problems: Problems) -> None:
    if not isinstance(config.get("url"), str):
        problems.add(f"{place}/url", "is not a string")
    _check_templates(config, ("url", "headers", "params", "json"), place, problems)
    for key in ("headers", "params"):
        problems.object_at(config, key, place)


def _check_output_key(config: JsonObject, place: str, problems: Problems) -> None:
    key: Json = config.get("output_key")
    if key is not None and (not isinstance(key, str) or not key):
        problems.add(f"{place}/output_key", "is not a state key")


def _check_templates(
    holder: JsonObject, keys: tuple[str, ...], place: str, problems: Problems
) -> None:
    for key in keys:
        try:
            check_template(holder.get(key))
        except ValueError as error:
            problems.add(f"{place}/{key}", str(error))


_CHECKS: dict[str, Check] = {
    "operator": _check_operator,
    "operator_official": _check_operator_official,
    "llm_chat": _check_llm_chat,
    "for_each": _check_for_each,
    "loop": _check_loop,
    "subgraph": _check_subgraph,
    "api_call": _check_api_call,
}
