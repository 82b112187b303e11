"""The names of fields and parameters: what a refusal may tell of a place without telling what somebody wrote."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from fastapi.openapi.utils import get_fields_from_routes
from fastapi.params import Param
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel
from starlette.routing import BaseRoute


def names_of(routes: Sequence[BaseRoute], *shapes: type[BaseModel]) -> frozenset[str]:
    """Return the names of all fields and parameters that the routes document, and of the fields of `shapes`.

    The routes are asked, not the OpenAPI document: to write it takes a second, for which a refused call would wait.
    """
    fields = get_fields_from_routes(routes)
    models = set[type[BaseModel]]()
    for kind in (*shapes, *(field.field_info.annotation for field in fields)):
        _gather(kind, models)
    return frozenset(
        {
            *(field.alias for field in fields if isinstance(field.field_info, Param)),
            *(field.alias or name for model in models for name, field in model.model_fields.items()),
            *(name for context in iter_route_contexts(routes) for name in _by_hand(context.original_route)),
        }
    )


def _gather(kind: Any, models: set[type[BaseModel]]) -> None:
    """Add the models that a type is made of, at any depth."""
    for part in get_args(kind):
        _gather(part, models)
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in models:
        models.add(kind)
        for field in kind.model_fields.values():
            _gather(field.annotation, models)


def _by_hand(route: BaseRoute) -> Iterator[str]:
    """Yield the fields of a body that is no model but read by hand: a form, a file."""
    if isinstance(route, APIRoute):
        yield from _properties(route.openapi_extra)


def _properties(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _properties(inner)
    elif isinstance(node, dict):
        if isinstance(fields := node.get("properties"), dict):
            yield from fields
        for inner in node.values():
            yield from _properties(inner)
