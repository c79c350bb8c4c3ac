"""What docs/routing.md shows of the simulator and of the life of a rule set is what the commands print.

Its quick commands are run by `make check`; `make docs` writes all of them anew.
"""

import pytest

from scripts.page_commands import PAGES, faults, fences
from scripts.show_routing.__main__ import FOLDER, PICTURES, SLOW


@pytest.mark.parametrize("fence", [fence for page in PAGES for fence in fences(page, slow=True)])
def test_slow_commands_print_what_the_page_shows(fence: str) -> None:
    found = list(faults(fence))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", SLOW)
def test_a_slow_picture_is_as_it_would_be_drawn_now(name: str) -> None:
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == PICTURES[name]().svg()
