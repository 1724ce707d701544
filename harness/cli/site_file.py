"""Read what a site always needs, such as an account and modules, from a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from typer.core import TyperCommand

HERE = Path("chunkbench.toml")


class SiteCommand(TyperCommand):
    """A command whose options may stand in a file as well; the command line has the last word."""

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """Take what the site's files say as defaults.

        Raises
        ------
        InputError
            Where a file is no TOML.
        UsageError
            Where it has a key that is no option.
        """
        options = {
            option.name: name.removeprefix("--")
            for option in self.params
            for name in option.opts
            if name.startswith("--") and not getattr(option, "is_flag", False)
        }
        settings: dict[str, Any] = {}
        for path in reversed(site_files()):
            settings |= site_settings(path, str(self.name), sorted(options.values()))
        named = {parameter: settings[key] for parameter, key in options.items() if key in settings}
        return super().make_context(*args, default_map=named, **extra)


def site_files() -> list[Path]:
    """The files that are there, the one of the current folder before the user's own."""
    configured = os.environ.get("XDG_CONFIG_HOME")
    folder = Path(configured) if configured else Path("~/.config").expanduser()
    return [path for path in (HERE, folder / "chunkbench" / "site.toml") if path.is_file()]


def site_settings(path: Path, command: str, options: list[str]) -> dict[str, Any]:
    """Return what *path* says of *command*: the value of each of its *options* that it names.

    ::

        [submit]
        scheduler = "slurm"
        account = "p123"
        module = ["gcc/12", "openmpi/4.1"]
    """
    import tomllib

    from harness.core.errors import InputError, UnknownNameError, UsageError

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}") from None
    for table in content:
        if table != command:
            raise UnknownNameError(f"table in {path}", table, [command])
    settings = content.get(command, {})
    if not isinstance(settings, dict):
        raise UsageError(f"{path}: write a table, [{command}]")
    for key, value in settings.items():
        if key not in options:
            raise UnknownNameError(f"option in {path}", key, options)
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str | int) and not isinstance(each, bool) for each in values):
            raise UsageError(f"{path}: {key} is a text, a whole number or a list of texts")
    return {key: _as_typed(value) for key, value in settings.items()}


def _as_typed(value: Any) -> Any:
    """A value, or each of a list, as it would be typed."""
    return [str(each) for each in value] if isinstance(value, list) else str(value)
