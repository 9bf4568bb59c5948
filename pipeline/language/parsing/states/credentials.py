"""Parses Credentials: the role that a Task state assumes for its call.

Specification: "Task State"; AWS Step Functions Developer Guide, "Accessing resources in other AWS
accounts".
"""

import re

from pipeline.language.fields import Template
from pipeline.language.parsing.object_reader import ObjectReader
from pipeline.language.parsing.templates import read_template
from pipeline.language.query.jsonata import is_jsonata
from pipeline.language.query_language import QueryLanguage

_ROLE_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+")


def read_credentials(state: ObjectReader) -> Template | None:
    """The template of the credentials, or None."""
    if isinstance(state.value("Credentials"), dict):
        _check(state)
    return read_template(state, "Credentials")


def _check(state: ObjectReader) -> None:
    credentials = state.object("Credentials")
    if credentials is None:
        return
    in_jsonata = credentials.language is QueryLanguage.JSONATA
    if in_jsonata:
        credentials.require("RoleArn")
    else:
        credentials.exactly_one("RoleArn", "RoleArn.$")
    credentials.reject_unknown_fields("Credentials")
    arn = credentials.text("RoleArn")
    is_computed = in_jsonata and arn is not None and is_jsonata(arn)
    if arn is not None and not is_computed and not _ROLE_ARN.fullmatch(arn):
        credentials.problem(f"'{arn}' is not the ARN of a role", "RoleArn")
