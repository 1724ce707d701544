"""Read what others have published of the engines, with its sources, from the package's data.

``data/claims.toml`` holds claims and how each is measured here, ``data/task_bench.toml`` the METG
of Dask over many nodes. Both halves read them; neither file holds anything measured here.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from harness.core.errors import InputError
from harness.core.journal_format import error_text
from harness.core.records import Case

FOLDER = Path(__file__).parent / "data"
FACTOR = 2.0
"""How far off "about" may be, either way."""
ALL: Literal["cores"] = "cores"

Rule = Literal["about", "at least", "at most", "between"]
Quantity = Literal["us a task", "tasks/s", "T1/TP", "time ratio", "% of 100 ms"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Publication(_Entry):
    """Where a figure was published: document, path in it, repository, version."""

    document: str = Field(min_length=1)
    path: str = Field(min_length=1)
    repository: str | None = None
    version: str = Field(min_length=1)

    @property
    def text(self) -> str:
        """All of it in one line."""
        where = f"{self.repository}, {self.path}" if self.repository else self.path
        return f"{self.document} ({where}, {self.version})"

    @property
    def address(self) -> str | None:
        """Where it can be read: at the commit that was cited, else as it is today; ``None`` where
        no repository is known."""
        if self.repository is None:
            return None
        commit = self.version.removeprefix("commit ")
        at = commit if commit != self.version else "HEAD"
        return f"https://github.com/{self.repository}/blob/{at}/{self.path}"


class Setting(_Entry):
    """A case as the file names it; ``workers`` is a number, or ``"cores"`` for all usable cores."""

    workload: str
    size: int = Field(ge=1)
    chunk: int = Field(ge=1)
    executor: str
    workers: int | Literal["cores"] = ALL

    def case(self, cores: int) -> Case:
        """The case on a machine with so many usable *cores*."""
        count = cores if self.workers == ALL else int(self.workers)
        return Case(pin="1", **self.model_dump(exclude={"workers"}), workers=count)

    def of(self, case: Case) -> bool:
        """Whether *case* is this one, on however many cores."""
        mine = (self.workload, self.size, self.chunk, self.executor)
        return mine == (case.workload, case.size, case.chunk, case.executor)


class Claim(_Entry):
    """One published figure.

    Attributes
    ----------
    name, says : str
        A word for it, and what is claimed.
    rule : str
        How the figure is meant: ``about`` (within a factor 2), ``at least``, ``at most``,
        ``between``.
    value : tuple of float
        The figure, in the unit of *quantity*; two of them for ``between``.
    quantity : str
        What is claimed: microseconds a task, tasks a second, speed-up, time of one case over that
        of another, or overhead as a share of a task of 100 ms.
    loop : Setting, optional
        The claimant's own loop: the time of a call over its number of tasks, nothing taken off.
    paired : Setting, optional
        What chunkbench measures instead: overhead per task, in pairs.
    against : Setting, optional
        For ``time ratio``: the case whose time is divided by.
    longest_task_seconds : float, optional
        The claim is about tasks shorter than this.
    differs : str, optional
        What is not the same here.
    not_measured : str, optional
        Why it is not measured here.
    """

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    says: str = Field(min_length=1)
    rule: Rule
    value: tuple[float, ...] = Field(min_length=1, max_length=2)
    quantity: Quantity
    source: Publication
    loop: Setting | None = None
    paired: Setting | None = None
    against: Setting | None = None
    longest_task_seconds: float | None = Field(default=None, gt=0)
    differs: str | None = None
    not_measured: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.not_measured is None) == (self.loop is None and self.paired is None):
            raise ValueError("has either a loop or paired case, or a reason not_measured")
        if len(self.value) != (2 if self.rule == "between" else 1) or min(self.value) <= 0:
            raise ValueError("value has one positive number, two for rule 'between'")
        if list(self.value) != sorted(self.value):
            raise ValueError("value is a range from low to high")
        if (self.against is None) == (self.quantity == "time ratio" and not self.not_measured):
            raise ValueError("a time ratio, and nothing else, has a case to be taken against")
        return self

    @property
    def allowed(self) -> tuple[float | None, float | None]:
        """Where the figure must lie for the claim to hold; ``None`` where there is no bound."""
        first, last = self.value[0], self.value[-1]
        return {
            "about": (first / FACTOR, first * FACTOR),
            "at least": (first, None),
            "at most": (None, first),
            "between": (first, last),
        }[self.rule]

    @property
    def settings(self) -> tuple[Setting, ...]:
        """The cases to be measured for it."""
        return tuple(
            setting for setting in (self.loop, self.paired, self.against) if setting is not None
        )


class Point(_Entry):
    """METG(50 %) of one number of nodes."""

    nodes: int = Field(ge=1)
    metg_seconds: float = Field(gt=0)


class PublishedMetg(_Entry):
    """METG(50 %) of one system over numbers of nodes, rising."""

    system: str
    dependencies: str
    cores_per_node: int = Field(ge=1)
    source: Publication
    points: tuple[Point, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _rising(self) -> Self:
        nodes = [point.nodes for point in self.points]
        if nodes != sorted(set(nodes)):
            raise ValueError("points must have rising numbers of nodes")
        return self

    @property
    def by_workers(self) -> dict[int, float]:
        """Number of workers to METG in s."""
        return {point.nodes * self.cores_per_node: point.metg_seconds for point in self.points}


class _Claims(_Entry):
    claims: tuple[Claim, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [claim.name for claim in self.claims]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"claims of the same name: {', '.join(twice)}")
        return self


@cache
def published_claims(path: Path = FOLDER / "claims.toml") -> tuple[Claim, ...]:
    """Read the claims, in the order of the file.

    Raises
    ------
    InputError
        Where the file is missing, is no TOML, or an entry is not as it should be.
    """
    return _read(path, _Claims).claims


@cache
def task_bench(path: Path = FOLDER / "task_bench.toml") -> PublishedMetg:
    """Read the published METG of Dask over numbers of nodes.

    Raises
    ------
    InputError
        As :func:`published_claims`.
    """
    return _read(path, PublishedMetg)


_T = TypeVar("_T", bound=_Entry)


def _read(path: Path, kind: type[_T]) -> _T:
    try:
        return kind.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error_text(error)}): install again") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: no TOML ({error}): mend it, or install again") from None
    except ValidationError as error:
        raise InputError(f"{path}: {_first(error)}: mend this entry") from None


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"])) or "the file"
    return f"{where}: {' '.join(str(first['msg']).split())}"
