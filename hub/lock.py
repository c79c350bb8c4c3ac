"""One hub per database: an advisory file lock that the kernel frees even after kill -9."""

import fcntl
from pathlib import Path
from typing import IO

from sqlalchemy import make_url


class InUse(Exception):
    """Another hub works on this database."""


def beside(store_url: str, suffix: str) -> Path:
    """A path beside the database file, e.g. `var/rapport.lock`; in `var/` for a database without a file."""
    url = make_url(store_url)
    base = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else Path("var/rapport")
    return base.with_suffix(suffix)


def acquire(store_url: str) -> IO[str]:
    """Hold the returned file open for as long as the database is yours. Raises InUse."""
    path = beside(store_url, ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise InUse(f"another hub is running on this database ({path})") from error
    return file
