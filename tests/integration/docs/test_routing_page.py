"""What docs/routing.md shows of the simulator and of the life of a rule set is what the commands print."""

import pytest

from scripts.page_commands import PAGES, faults
from scripts.show_routing.__main__ import FOLDER, PICTURES, SLOW


@pytest.mark.timeout(600)
def test_every_command_prints_what_the_page_shows() -> None:
    """`make docs` writes them anew."""
    found = [fault for page in PAGES for fault in faults(page, slow=True)]
    assert not found, "\n".join(found)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", SLOW)
def test_a_slow_picture_is_as_it_would_be_drawn_now(name: str) -> None:
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == PICTURES[name]().svg()
