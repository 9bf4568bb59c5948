"""Parses the fields of a state's data flow (specification: "Input and Output")."""

from dataclasses import replace

from pipeline.language.data_flow import DataFlow
from pipeline.language.json_path_flow import JsonPathFlow
from pipeline.language.jsonata_field import JsonataField
from pipeline.language.jsonata_flow import JsonataFlow
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.paths import read_path, read_result_path
from pipeline.language.parsing.templates import read_jsonata, read_jsonata_template
from pipeline.language.query.payload_template import PayloadTemplate
from pipeline.language.query.reference_path import parse_reference_path
from pipeline.language.query_language import QueryLanguage
from pipeline.language.variables import problem_of_name

RESULT_FIELDS = ("Arguments", "Assign", "Parameters", "ResultPath", "ResultSelector")
"""The fields of a state that gets its result from elsewhere."""

_COMPUTED = ".$"
_WHOLE = parse_reference_path("$")


def read_data_flow(reader: ObjectReader, *fields: str) -> DataFlow:
    """The data flow of a state.

    Args:
        reader: The state.
        fields: Those of Arguments, Assign, Parameters, ResultPath and ResultSelector that its type
            has; every type has InputPath, OutputPath and Output.
    """
    if reader.language is QueryLanguage.JSONATA:
        return _read_jsonata_flow(reader, *fields)
    return JsonPathFlow(
        input_path=read_path(reader, "InputPath"),
        parameters=reader.payload_template("Parameters", of_any_type=True)
        if "Parameters" in fields
        else None,
        result_selector=(
            reader.payload_template("ResultSelector", of_any_type=True)
            if "ResultSelector" in fields
            else None
        ),
        result_path=read_result_path(reader) if "ResultPath" in fields else _WHOLE,
        output_path=read_path(reader, "OutputPath"),
        assign=_read_assign(reader) if "Assign" in fields else None,
    )


def _read_jsonata_flow(reader: ObjectReader, *fields: str) -> JsonataFlow:
    sees = "result" if "ResultSelector" in fields else None
    return JsonataFlow(
        arguments=read_jsonata_template(reader, "Arguments") if "Arguments" in fields else None,
        output=read_jsonata(reader, "Output", sees=sees),
        assign=_read_jsonata_assign(reader, sees) if "Assign" in fields else None,
        result_name=sees,
    )


def read_catcher_flow(reader: ObjectReader) -> DataFlow:
    """The data flow of a catcher, whose result is the error output."""
    if reader.language is QueryLanguage.JSONATA:
        sees = "errorOutput"
        return JsonataFlow(
            output=read_jsonata(reader, "Output", sees=sees),
            assign=_read_jsonata_assign(reader, sees),
            result_name=sees,
        )
    return JsonPathFlow(result_path=read_result_path(reader), assign=_read_assign(reader))


def read_rule_flow(reader: ObjectReader, flow: DataFlow) -> DataFlow:
    """The data flow of a choice rule.

    Args:
        reader: The rule.
        flow: The flow of its Choice state.
    """
    if isinstance(flow, JsonataFlow):
        return replace(
            flow, output=read_jsonata(reader, "Output"), assign=_read_jsonata_assign(reader)
        )
    return replace(flow, assign=_read_assign(reader))


def _read_assign(reader: ObjectReader) -> PayloadTemplate | None:
    _check_names(reader, _COMPUTED)
    return reader.payload_template("Assign")


def _read_jsonata_assign(reader: ObjectReader, sees: str | None = None) -> JsonataField | None:
    _check_names(reader, "")
    return read_jsonata(reader, "Assign", dict, sees=sees)


def _check_names(reader: ObjectReader, computed: str) -> None:
    """Report fields of Assign whose names cannot be those of variables."""
    assign = reader.value("Assign")
    for field in assign if isinstance(assign, dict) else ():
        problem = problem_of_name(field.removesuffix(computed))
        if problem is not None:
            reader.problem(problem, "Assign", field)
