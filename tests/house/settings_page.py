"""Writes docs/reference/settings.md from `tracing.kit.settings.Settings`: `make docs`."""

from pathlib import Path
from typing import Any

from tracing.kit.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"
HEAD = """# Settings

Every setting is an environment variable. They are read once, when a command starts; a change takes effect
at the next start. The page is written by `make docs` from the class that reads them.

| Variable | Value | Default | Meaning |
|---|---|---|---|
"""


def variable(field: str) -> str:
    """Return the environment variable of a field, e.g. ``TRACING_DATA_DIR``."""
    return f"{Settings.model_config.get('env_prefix', '')}{field}".upper()


def value(schema: dict[str, Any]) -> str:
    """Return in words what a field takes, from its JSON schema."""
    kinds = [kind for kind in schema.get("anyOf", [schema]) if kind.get("type") != "null"]
    kind = {**kinds[0], **{key: item for key, item in schema.items() if key != "anyOf"}}
    if "enum" in kind:
        return ", ".join(f"`{item}`" for item in kind["enum"])
    if kind.get("type") == "boolean":
        return "`true`, `false`"
    if kind.get("type") in {"integer", "number"}:
        return _range(kind)
    if kind.get("format") in {"path", "file-path", "directory-path"}:
        return "path"
    if kind.get("format") == "password":
        return "secret text"
    if "pattern" in kind:
        pattern = str(kind["pattern"]).replace("|", "\\|")
        return f"text like `{pattern}`"
    return "text"


def _range(kind: dict[str, Any]) -> str:
    name = "whole number" if kind["type"] == "integer" else "number"
    low = kind.get("minimum", kind.get("exclusiveMinimum"))
    high = kind.get("maximum", kind.get("exclusiveMaximum"))
    over = "above" if "exclusiveMinimum" in kind else "from"
    if low is None and high is None:
        return name
    return " ".join(
        [
            name,
            *([over, f"{low}"] if low is not None else []),
            *(["to", f"{high}"] if high is not None else []),
        ]
    )


def page() -> str:
    """Return the page: one row per field, in the order of the class."""
    rows = []
    for field, schema in Settings.model_json_schema()["properties"].items():
        default = schema.get("default")
        shown = "unset" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"
        cells = (
            f"`{variable(field)}`",
            value(schema),
            shown,
            schema.get("description", "").replace("|", "\\|"),
        )
        rows.append(f"| {' | '.join(cells)} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
