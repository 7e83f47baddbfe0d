"""Checks of manifests and receipts after their checksum holds, by the models of the schema."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from ydsim.errors import ResultsError
from ydsim.store.schema import (
    Manifest,
    Receipt,
    RunManifest,
    SweepManifest,
)
from ydsim.wording import nearest

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario

Model = TypeVar("Model", bound=BaseModel)


def check_manifest(content: Mapping[str, Any], path: Path) -> None:
    """Refuse a manifest with a key that is wrong, missing or unknown.

    Raises
    ------
    ResultsError
        Names the file and the first such key.
    """
    models: dict[str, type[Manifest]] = {"run": RunManifest, "sweep": SweepManifest}
    _check(models[content["kind"]], content, path)


def check_receipt(content: Mapping[str, Any], path: Path, number: int) -> None:
    """Refuse a receipt with a key that is wrong, missing or unknown, or of another part.

    Raises
    ------
    ResultsError
        Names the file and the first such key.
    """
    found = _check(Receipt, content, path)
    if found.part != number:
        raise ResultsError(f"{path}: is the receipt of part {found.part}")


def stored_scenario(text: str, where: str, *, allow_code: bool = False) -> Scenario:
    """Return the scenario that a folder of results holds, as `ydsim.scenario.load` does.

    Raises
    ------
    ScenarioError
        When it names code that may not be imported.
    ResultsError
        When it is none that this version can run.
    """
    from ydsim.scenario.load import scenario_of_plain
    from ydsim.scenario.schema.scenario import Scenario

    try:
        return scenario_of_plain(text, where, allow_code=allow_code)
    except ValidationError as error:
        raise ResultsError(f"{where}: scenario: {_first(Scenario, error)}") from error


def _check(model: type[Model], content: object, where: Path | str) -> Model:
    try:
        found: Model = _adapter(model).validate_python(content)
        return found
    except ValidationError as error:
        raise ResultsError(f"{where}: {_first(model, error)}") from error


@cache
def _adapter(model: type[Model]) -> TypeAdapter[Model]:
    return TypeAdapter(model)


def _first(model: type[BaseModel], error: ValidationError) -> str:
    """Return key and fault of the first problem, what is unknown first: it may be a typo."""
    problems = error.errors(include_url=False)
    first = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    key = ".".join(map(str, first["loc"]))[:200]
    if first["type"] == "value_error":
        said = str(first["ctx"]["error"])
        return f"{key}: {said}" if key else said
    if first["type"] == "missing":
        return f"{key}: is missing"
    if first["type"] == "extra_forbidden":
        known = [field.alias or name for name, field in model.model_fields.items()]
        near = nearest(str(first["loc"][0]), known) if len(first["loc"]) == 1 else None
        return f"{key}: unknown key" + (f"; did you mean {near}?" if near else "")
    said = " ".join(str(first["msg"]).replace("Input should be", "must be").split())
    return f"{key}: {said[:1].lower()}{said[1:]}" if key else said
