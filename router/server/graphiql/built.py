"""What vite built, found and read."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).parent
BUILD = PROJECT / "build"

_SOURCES = ("package.json", "package-lock.json", "vite.config.js", "index.html", "src")


def built_page() -> str | None:
    """Returns the HTML of the built page; None when it has not been built."""
    page = BUILD / "index.html"
    return page.read_text(encoding="utf-8") if page.is_file() else None


def is_build_fresh() -> bool:
    """Tells whether the build is newer than every source of the page."""
    page = BUILD / "index.html"
    if not page.is_file():
        return False
    built_at = page.stat().st_mtime
    return all(path.stat().st_mtime <= built_at for path in _source_files())


def _source_files() -> list[Path]:
    named = [PROJECT / name for name in _SOURCES]
    nested = [inner for path in named if path.is_dir() for inner in path.rglob("*")]
    return [path for path in [*named, *nested] if path.is_file()]
