"""Start the command without what only some of its uses need.

Typer loads pydantic to check any value, also one that was not given, and Rich to show help: both
together take longer than all else that help, a completed line or a misspelt option need.
"""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperGroup

from harness.cli.help_groups import grouped


class Commands(TyperGroup):
    """The commands as Typer knows them, whose options are checked where they have a value."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the options that all commands have in common."""
        return _checked_when_given(super().get_params(ctx))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name; lists show the whole first sentence of its help."""
        command: Any = super().get_command(ctx, cmd_name)
        if command is not None:
            for option in _checked_when_given(command.get_params(ctx)):
                _say_its_value(option, ctx)
            command.short_help = str(command.help).partition("\n\n")[0]
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands in groups, each with the first sentence of its help."""
        width = max(map(len, self.commands))
        for heading, names in grouped(self.commands).items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            rows = [
                (f"{name:<{width}}", command.short_help)
                for name, command in commands
                if command is not None and not command.hidden
            ]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)


class _WhenGiven:
    """What Typer asks how to check an option, and then to check it."""

    def __init__(self, option: Any) -> None:
        self._typers_own = option.get_runtime_param

    def __call__(self) -> _WhenGiven:
        return self

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """Check *value* as Typer does; nothing given, and a line to complete, need no check."""
        if value is None:
            return () if param.multiple or param.nargs == -1 else None
        if ctx.resilient_parsing:
            return value
        return self._typers_own().coerce(value, param=param, ctx=ctx)


def _checked_when_given(options: list[Any]) -> list[Any]:
    for option in options:
        if not isinstance(option.get_runtime_param, _WhenGiven):
            option.get_runtime_param = _WhenGiven(option)
    return options


def _say_its_value(option: Any, ctx: Any) -> None:
    """Show what is typed after an option: one value of a list that grows with each, and no type of
    a flag, which has none."""
    if option.param_type_name == "option" and option.metavar is None:
        shown = option.display_type(ctx)
        plain = re.sub(r"list\[(.*)\]", r"\1", shown).replace(" range", "")
        if plain != shown and not getattr(option, "is_flag", False):
            option.metavar = plain
