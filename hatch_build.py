"""Puts the migrations into the wheel as `tracing/_migrations`; a checkout reads its own `migrations`."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class MigrationsHook(BuildHookInterface[Any]):
    """Not `force-include` in pyproject.toml: it would leave a copy behind an editable install, soon stale."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folder to a real wheel (`version` is "standard"), not to an editable one."""
        if version == "standard":
            build_data["force_include"]["migrations"] = "tracing/_migrations"
