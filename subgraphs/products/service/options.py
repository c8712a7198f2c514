"""A product's options, and the choice each variant makes among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from subgraphs.kit.errors import DomainError, InvalidInput, Refusals
from subgraphs.products.errors import DuplicateCombination, OptionsMismatch
from subgraphs.products.model.tables import VariantRow
from subgraphs.products.service.drafts import OptionDraft, OptionValueDraft
from subgraphs.products.service.texts import check_code, check_name, text_by_locale

OPTIONS_MAX = 5
VALUES_MAX = 100


def options_to_json(options: Sequence[OptionDraft]) -> list[dict[str, Any]]:
    """Returns the options as they are stored, or raises InvalidInput."""
    if len(options) > OPTIONS_MAX:
        raise InvalidInput(f"A product has at most {OPTIONS_MAX} options", field=["options"])
    _check_unique([option.code for option in options], ["options"])
    return [_option_to_json(option, ["options", str(index)]) for index, option in enumerate(options)]


def combination_of(choices: Mapping[str, str]) -> str:
    """Returns the choice as one text, the same whatever the order of the options."""
    return "|".join(f"{option}={value}" for option, value in sorted(choices.items()))


def check_choices(options: Sequence[Mapping[str, Any]], variants: Sequence[VariantRow]) -> None:
    """Raises unless every variant chooses one value of every option, and no two choose the same."""
    allowed = {option["code"]: {value["code"] for value in option["values"]} for option in options}
    errors: list[DomainError] = []
    seen: dict[str, str] = {}
    for variant in variants:
        if not _fits(allowed, variant.option_values):
            errors.append(
                OptionsMismatch(
                    f"{variant.sku} must choose one value of each option: {', '.join(allowed) or 'none'}",
                    field=["variants"],
                )
            )
        elif (other := seen.setdefault(variant.combination, variant.sku)) != variant.sku:
            errors.append(
                DuplicateCombination(
                    f"{variant.sku} and {other} are the same choice of options", field=["variants"]
                )
            )
    if errors:
        raise Refusals(errors)


def _fits(allowed: Mapping[str, set[str]], choices: Mapping[str, str]) -> bool:
    return choices.keys() == allowed.keys() and all(
        value in allowed[option] for option, value in choices.items()
    )


def _option_to_json(option: OptionDraft, field: list[str]) -> dict[str, Any]:
    if not 0 < len(option.values) <= VALUES_MAX:
        raise InvalidInput(f"An option has 1 to {VALUES_MAX} values", field=[*field, "values"])
    _check_unique([value.code for value in option.values], [*field, "values"])
    values = [_named(value, [*field, "values", str(index)]) for index, value in enumerate(option.values)]
    return {**_named(option, field), "values": values}


def _named(draft: OptionDraft | OptionValueDraft, field: list[str]) -> dict[str, Any]:
    name = check_name(draft.name, [*field, "name"])
    return {"code": check_code(draft.code, [*field, "code"]), "name": text_by_locale(name)}


def _check_unique(codes: Sequence[str], field: list[str]) -> None:
    if len(set(codes)) < len(codes):
        raise InvalidInput("A code stands twice", field=field)
