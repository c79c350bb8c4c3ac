"""One hub per database, told in words, and free again as soon as its holder is gone."""

from pathlib import Path

import pytest

from hub import lock


def test_a_database_in_use_is_refused_and_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/hub.db"
    held = lock.acquire(url)
    with pytest.raises(lock.InUse, match=r"hub\.lock"):
        lock.acquire(url)
    lock.acquire(f"sqlite:///{tmp_path}/other.db").close()
    held.close()
    lock.acquire(url).close()


def test_the_folder_is_made(tmp_path: Path) -> None:
    lock.acquire(f"sqlite:///{tmp_path}/a/b/hub.db").close()
    assert (tmp_path / "a" / "b" / "hub.lock").exists()


def test_files_lie_beside_the_database(tmp_path: Path) -> None:
    assert lock.beside(f"sqlite:///{tmp_path}/hub.db", ".sock") == tmp_path / "hub.sock"
    assert lock.beside("postgresql://db.example/hub", ".sock") == Path("var/rapport.sock")
