"""chunkbench: where does scheduler overhead exceed the gain of going parallel?"""

from __future__ import annotations

__version__ = "0.1.0"
