"""Templates: what they may hold, what is checked before one is published, and the platform's own."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from subgraphs.kit.locales import Locale
from subgraphs.notifications.service.templates.checking import find_template_faults
from subgraphs.notifications.service.templates.compiled import RenderingError, compile_source, render_source
from subgraphs.notifications.service.templates.language import ForbiddenTemplateError
from subgraphs.notifications.service.templates.layout import lay_out
from subgraphs.notifications.service.templates.platform_texts import (
    platform_templates,
    write_in_every_language,
)
from subgraphs.notifications.service.templates.written import Reader, TemplateText, Written, write_text
from subgraphs.notifications.states import Channel

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"number": {"type": "integer"}, "items": {"type": "array"}},
    "required": ["number"],
}
EXAMPLE = {"number": 7, "items": []}


def faults_of(channel: Channel = Channel.EMAIL, **parts: Any) -> list[tuple[str, str]]:
    schema, example = parts.pop("schema", SCHEMA), parts.pop("example", EXAMPLE)
    text = TemplateText(**{"body": "{{ number }}", "subject": "No. {{ number }}", **parts})
    return [
        (fault.code, fault.part) for fault in find_template_faults(channel, Locale.FR, text, schema, example)
    ]


@pytest.mark.parametrize("key", sorted(platform_templates()))
@pytest.mark.parametrize("locale", list(Locale))
def test_the_platforms_own_templates_can_all_be_published(key: str, locale: Locale) -> None:
    template = platform_templates()[key]
    for channel in Channel:
        text = template.text(channel, locale)
        assert find_template_faults(channel, locale, text, template.variables, template.example) == ()
    mail = write_text(
        Channel.EMAIL, template.text(Channel.EMAIL, locale), template.example, Reader(locale, name="بلال")
    )
    assert "بلال" in mail.text
    assert mail.html is not None
    assert "بلال" in mail.html


def test_amounts_numbers_and_times_are_written_as_the_language_writes_them() -> None:
    source = "{{ minor | money('DZD') }}|{{ 1234567 | number }}|{{ at | time }}|{{ at | date }}"
    variables = {"minor": 123456, "at": "2026-11-20T23:30:00+00:00"}
    written = {
        locale: write_text(
            Channel.SMS, TemplateText(source), variables, Reader(locale, ZoneInfo("Africa/Algiers"))
        ).text
        for locale in Locale
    }
    assert (
        written[Locale.FR]
        == "1\u202f234,56\xa0DA|1\u202f234\u202f567|21 novembre 2026 00:30|21 novembre 2026"
    )
    assert written[Locale.AR].startswith("\u200f1.234,56\xa0د.ج.\u200f|1.234.567|")
    assert written[Locale.EN].startswith("DZD\xa01,234.56|1,234,567|November 21, 2026 00:30|")


def test_an_arabic_page_runs_from_right_to_left_and_escapes_what_people_wrote() -> None:
    text = TemplateText("{{ name }}", "{{ name }}", '<p><a href="{{ url | link }}">{{ name }}</a></p>')
    variables = {"name": "<script>alert(1)</script>", "url": "javascript:alert(1)"}
    written = write_text(Channel.EMAIL, text, variables, Reader(Locale.AR))
    whole, page = lay_out(written, Locale.AR, "https://zellige.example/notifications/unsubscribe?token=x&y")
    assert page is not None
    assert '<html lang="ar" dir="rtl">' in page
    assert "<script>" not in page
    assert 'href="#"' in page
    assert "token=x&amp;y" in page
    assert whole.startswith("<script>alert(1)</script>\n")
    assert "https://zellige.example/notifications/unsubscribe?token=x&y" in whole


def test_a_critical_mail_says_why_it_cannot_be_stopped() -> None:
    whole, page = lay_out(Written("s", "t", "<p>t</p>"), Locale.EN, None)
    assert "Messages about the security of your account are always sent." in whole
    assert page is not None
    assert "unsubscribe" not in page.lower()


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ number.__class__ }}",
        "{{ items.append }}",
        "{{ number.bit_length }}",
        "{{ range(10) }}",
        "{{ self }}",
        "{{ missing }}",
        "{{ order.absent }}",
    ],
)
def test_nothing_beyond_the_variables_can_be_reached(source: str) -> None:
    with pytest.raises((ForbiddenTemplateError, RenderingError)):
        render_source(source, {"number": 1, "items": [], "order": {}}, is_html=False)


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% set x = 1 %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 100000 }}",
        "{{ items | map('upper') }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ html | safe }}",
        "{% for a in i %}{% for b in i %}{% for c in i %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in i recursive %}{% endfor %}",
        "{{ unclosed",
        "x" * 50_001,
    ],
)
def test_what_costs_or_reaches_too_much_is_no_template(source: str) -> None:
    with pytest.raises(ForbiddenTemplateError):
        compile_source(source, False)


def test_a_text_that_grows_too_large_is_cut_off() -> None:
    with pytest.raises(RenderingError, match="grows beyond 200000 characters"):
        render_source(
            "{% for a in i %}{% for b in i %}{{ b }}{% endfor %}{% endfor %}",
            {"i": ["x" * 100] * 100},
            is_html=False,
        )


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, []),
        ({"body": "{{ recipient_name }}!"}, []),
        ({"body": "{{ price }} {{ number }}"}, [("UNDECLARED_VARIABLE", "body")]),
        ({"subject": "{{ number + }}"}, [("BAD_TEMPLATE", "subject")]),
        ({"html": "{% for x in items %}"}, [("BAD_TEMPLATE", "html")]),
        ({"subject": None}, [("SUBJECT_MISSING", "subject")]),
        ({"subject": " \n "}, [("NOT_RENDERED", "example")]),
        ({"body": "{{ items[0].title }}"}, [("NOT_RENDERED", "example")]),
        ({"body": "{{ number | money('D') | number }}"}, [("NOT_RENDERED", "example")]),
        ({"example": {"number": "seven"}}, [("EXAMPLE_DOES_NOT_FIT", "example")]),
        ({"example": {}}, [("EXAMPLE_DOES_NOT_FIT", "example")]),
        ({"schema": {"type": "array"}}, [("BAD_SCHEMA", "variables"), ("UNDECLARED_VARIABLE", "subject")]),
        ({"schema": {**SCHEMA, "required": "number"}}, [("BAD_SCHEMA", "variables")]),
        ({"schema": {**SCHEMA, "allOf": [{"$ref": "http://10.0.0.1/"}]}}, [("BAD_SCHEMA", "variables")]),
        ({"example": {"number": 1, "items": ["x" * 30_000]}}, [("TOO_LARGE", "variables")]),
    ],
)
def test_a_version_is_held_against_what_it_declares(
    parts: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = faults_of(**parts)
    assert found[: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_a_fault_names_its_line() -> None:
    text = TemplateText("one\ntwo {{ 'a' * 2 }}", "s")
    (fault,) = find_template_faults(Channel.EMAIL, Locale.FR, text, SCHEMA, EXAMPLE)
    assert (fault.line, fault.message) == (2, "A template may not use `mul`")


def test_the_inbox_shows_every_language() -> None:
    title, text = write_in_every_language(
        "order_confirmation", {"number": 1007, "total_minor": 147_000, "currency": "DZD"}
    )
    assert title.fr == "Votre commande n° 1007 est confirmée"
    assert text.fr == "Commande n° 1007 reçue : 1\u202f470,00\xa0DA."
    assert title.ar == "تأكيد طلبك رقم \u20681007\u2069"
    assert title.en == "Your order no. 1007 is confirmed"
