"""Templates (Contract 6.5)."""

import pytest

from tasks.smart_statebag.workflow.state_view import StateView
from tasks.smart_statebag.workflow.templates import (
    TemplateSyntaxError,
    check_template,
    render,
    render_value,
)

VIEW = StateView(
    state={"topic": "차", "n": 3, "f": False, "list": [1, "ü"], "o": {"k": None}, "nothing": None}
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("plain", "plain"),
        ("Two lines about {{ topic }}", "Two lines about 차"),
        ("{{topic}}{{ n }}", "차3"),
        ("{{ missing }}|{{ o.missing }}", "|"),
        ("{{ nothing }} {{ f }}", "null false"),
        ("{{ list }}", '[1,"ü"]'),
        ("{{ list[1] }}", "ü"),
        ("{{ topic | tojson }}", '"차"'),
        ("{{ o|tojson }}", '{"k":null}'),
        ("{% if n > 2 %}many{% else %}few{% endif %}", "many"),
        ("{% if n > 9 %}many{% else %}few{% endif %}", "few"),
        ("{% if n > 9 %}many{% endif %}.", "."),
        ("{% if n %}{% if f %}a{% else %}b {{ n }}{% endif %}{% endif %}", "b 3"),
        ("{ not } a {{ n }} }} tag", "{ not } a 3 }} tag"),
        ("an open {{ brace", "an open {{ brace"),
    ],
)
def test_template_renders(template: str, text: str) -> None:
    assert render(template, VIEW) == text


def test_state_json_is_the_whole_state() -> None:
    view = StateView(state={"b": 1, "a": "é"})
    assert render("{{ __state_json }}", view) == '{"b":1,"a":"é"}'


def test_lone_placeholder_keeps_the_type() -> None:
    given = {"a": "{{ list }}", "b": ["{{ n }}", "n={{ n }}"], "c": "{{ missing }}", "d": 7}
    rendered = {"a": [1, "ü"], "b": [3, "n=3"], "c": None, "d": 7}
    assert render_value(given, VIEW) == rendered


@pytest.mark.parametrize(
    "template",
    [
        "{{ a() }}",
        "{{ }}",
        "{{ a | upper }}",
        "{% if a %}",
        "{% endif %}",
        "{% else %}",
        "{% if a < %}{% endif %}",
        "{% for x in y %}{% endif %}",
        "{% if a %}{% else %}{% else %}{% endif %}",
    ],
)
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        check_template({"deep": [template]})
