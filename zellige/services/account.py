"""Who runs PostgreSQL, and where, when we are root: PostgreSQL refuses to run as root, rightly."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

# Under /root or in a directory made by mkdtemp an unprivileged user cannot reach its own files;
# they are kept here then, and a symbolic link stands in their place.
ROOT_SHELTER = Path("/var/lib/zellige")
ACCOUNT_NAMES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user of this machine."""

    name: str
    user_id: int
    group_id: int


def unprivileged_account() -> Account | None:
    """Returns the user engines should run as, or None when we are not root and may run them ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNT_NAMES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError(f"running as root, and none of the users {', '.join(ACCOUNT_NAMES)} exists")


def is_reachable_by_all(directory: Path) -> bool:
    """Says whether any user may walk into the directory."""
    walked = directory.resolve()
    return all(step.stat().st_mode & stat.S_IXOTH for step in (walked, *walked.parents))


def place_directory(path: Path, account: Account | None) -> Path:
    """Makes the directory `path` private to the account and returns where it really stands.

    When the account cannot reach `path`, the directory stands in a shelter and `path` links to it. A link
    that is gone means that the owner wanted the data gone, so a left-over shelter is emptied.
    """
    if account is None or is_reachable_by_all(path.parent):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = path
    else:
        place = _shelter(path)
    if account is not None and place.stat().st_uid != account.user_id:
        _give(place, account)
    return place


def place_programs(directory: Path, account: Account | None) -> Path:
    """Returns a directory with the same programs that the account can read; copies them when it must."""
    if account is None or is_reachable_by_all(directory):
        return directory
    stamp = f"{directory.resolve()} {directory.stat().st_mtime_ns}"
    copy = ROOT_SHELTER / f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    if not copy.exists():
        ROOT_SHELTER.mkdir(mode=0o711, parents=True, exist_ok=True)
        part = copy.with_suffix(f".part-{os.getpid()}")
        shutil.copytree(directory, part, symlinks=True)
        try:
            part.rename(copy)
        except OSError:  # another process finished the same copy first
            shutil.rmtree(part)
    return copy


def _shelter(path: Path) -> Path:
    name = hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:12]
    place = ROOT_SHELTER / f"{path.name}-{name}"
    if not path.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
        ROOT_SHELTER.mkdir(mode=0o711, parents=True, exist_ok=True)
        if path.exists():
            shutil.move(path, place)
        path.symlink_to(place)
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _give(place: Path, account: Account) -> None:
    for path in (place, *place.rglob("*")):
        os.chown(path, account.user_id, account.group_id, follow_symlinks=False)
