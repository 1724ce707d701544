"""The array in storage that a function works on: a Zarr store, or a file of HDF5 or NetCDF-4."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.core.errors import UsageError
from harness.core.extras import installing
from harness.running.executors import dask_graph
from harness.running.measure.own.stored_variable import StoredVariable

Spec = dict[str, int] | str
"""A cut: dimension to length, those not named whole; or ``"auto"``."""
EXTRA = installing("xarray")


class OwnStore:
    """An array or data set in storage, opened anew for every cut.

    With names of dimensions it is opened by xarray; a bare array becomes a Dask array, whose
    dimensions are called ``"0"``, ``"1"`` ...

    Parameters
    ----------
    source : str
        Path, or ``path#variable``; the path of a store or file, or a URL of a store.
    folders : list of str
        Where a relative path is looked for.

    Attributes
    ----------
    variables : list of StoredVariable

    Raises
    ------
    UsageError
        Where it is not there, not readable, or a package is missing.
    """

    def __init__(self, source: str, folders: list[str]) -> None:
        path, _, self._name = source.partition("#")
        self._path = _found(path, folders)
        self._labelled = True
        try:
            data = self._read(None)
        except ImportError as error:
            raise UsageError(f"{error.name or error} is not installed: {EXTRA}") from None
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a library says of what it cannot read
            self._labelled = False
            data = self._bare_or(error)
        self.variables = _variables(data) if self._labelled else [_bare_variable(data, self._name)]
        if not self.variables:
            raise UsageError(f"{source} has no variables with dimensions: nothing is to be cut")

    def chunks(self, spec: Spec) -> Any:
        """How xarray, or Dask for a bare array, is told a cut: every dimension by name, -1 for
        those that stay whole; or ``"auto"``."""
        if isinstance(spec, str):
            return spec
        if not self._labelled:
            return tuple(self.variables[0].sides(spec))
        dims = dict.fromkeys(dim for variable in self.variables for dim in variable.dims)
        return {dim: spec.get(dim, -1) for dim in dims}

    def opened(self, spec: Spec) -> Any:
        """The array or data set, in chunks."""
        if self._labelled:
            return self._read(self.chunks(spec))
        return dask_graph.stored_array(self._bare(), self.chunks(spec))

    def _read(self, chunks: Any) -> Any:
        import xarray  # noqa: PLC0415 - optional

        engine: Any = "zarr" if _is_zarr(self._path) else "h5netcdf"
        data = xarray.open_dataset(self._path, engine=engine, chunks=chunks)
        if not self._name:
            return data
        if self._name not in data.variables:
            known = ", ".join(map(str, data.data_vars))
            raise UsageError(f"{self._path} has no variable {self._name!r}: choose one of {known}")
        return data[self._name]

    def _bare_or(self, why: Exception) -> Any:
        """The bare array; where there is none either, say *why*."""
        try:
            return self._bare()
        except UsageError:
            raise
        except Exception:  # noqa: BLE001 - the first library said why
            words = " ".join(str(why).split())
            raise UsageError(
                f"cannot read {self._path}: {type(why).__name__}: {words}: give a Zarr store or an "
                "HDF5 file, and its variable as in store.zarr#temp"
            ) from None

    def _bare(self) -> Any:
        if _is_zarr(self._path):
            import zarr  # noqa: PLC0415 - optional

            node = zarr.open(self._path, mode="r")
        else:
            import h5py  # noqa: PLC0415 - optional

            node = h5py.File(self._path, "r")
        found = node[self._name] if self._name else node
        if not hasattr(found, "shape"):
            raise UsageError(f"{self._path} is a group: name its array, as in {self._path}#temp")
        return found


def _found(path: str, folders: list[str]) -> str:
    if "://" in path:
        return path
    for folder in folders:
        if (Path(folder) / path).exists():
            return str(Path(folder) / path)
    raise UsageError(f"{path} is not there: give the path of a Zarr store or an HDF5 file")


def _is_zarr(path: str) -> bool:
    return "://" in path or Path(path).is_dir() or path.endswith(".zip")


def _variables(data: Any) -> list[StoredVariable]:
    each = data.data_vars.items() if hasattr(data, "data_vars") else [(data.name, data)]
    return [_variable(str(name), array) for name, array in each if array.dims]


def _variable(name: str, array: Any) -> StoredVariable:
    stored = array.encoding.get("preferred_chunks") or {}
    chunks = [int(stored[dim]) for dim in array.dims] if set(array.dims) <= set(stored) else None
    return StoredVariable(
        name=name,
        dims=list(map(str, array.dims)),
        shape=list(array.shape),
        chunks=chunks,
        itemsize=array.dtype.itemsize,
    )


def _bare_variable(array: Any, name: str) -> StoredVariable:
    return StoredVariable(
        name=name,
        dims=[str(number) for number in range(len(array.shape))],
        shape=list(array.shape),
        chunks=list(array.chunks) if array.chunks else None,
        itemsize=array.dtype.itemsize,
    )
