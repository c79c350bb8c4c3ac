"""`scripts/page_commands.py` finds an output that has changed and a number that no command prints."""

from pathlib import Path

import pytest

from scripts.page_commands import PAGES, faults, fences, printed, rewrite, sourceless

PAGE = """# A page

## Sums

Two and 3 make 5.

```console
$ echo $((2 + 3))
5
$ n=3
$ echo "$n" \\
  apples
3 apples
```

```console slow
$ echo late
late
```

## No numbers here

A [link](x.md#9) and a level2 word.
"""


def page(folder: Path, text: str = PAGE) -> Path:
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_page_that_is_true_has_no_faults(tmp_path: Path) -> None:
    true = page(tmp_path)
    quick, slow = fences(true, slow=False), fences(true, slow=True)
    assert (len(quick), len(slow)) == (1, 1)
    assert not [fault for fence in quick + slow for fault in faults(fence)]
    assert not list(sourceless(true))


def test_an_output_that_has_changed_is_named_with_its_command(tmp_path: Path) -> None:
    [fence] = fences(page(tmp_path, PAGE.replace("3 apples\n", "4 apples\n")), slow=False)
    [fault] = faults(fence)
    assert "echo" in fault
    assert "3 apples" in fault


@pytest.mark.parametrize(
    ("before", "after", "number"),
    [
        ("make 5.", "make 5, or 7.", "7"),
        ("A [link]", "A 3 [link]", "3"),  # it has a source, but in another section
    ],
)
def test_a_number_needs_a_command_in_its_section(
    tmp_path: Path, before: str, after: str, number: str
) -> None:
    [fault] = sourceless(page(tmp_path, PAGE.replace(before, after)))
    assert fault.endswith(f"prints {number}")


def test_a_page_is_written_anew(tmp_path: Path) -> None:
    spoilt = page(tmp_path, PAGE.replace("\n5\n", "\n6\n").replace("\nlate\n", "\nnever\n"))
    rewrite(spoilt)
    assert spoilt.read_text(encoding="utf-8") == PAGE


def test_a_command_that_breaks_down_is_never_written_down(tmp_path: Path) -> None:
    spoilt = page(tmp_path, PAGE.replace("echo late", "python3 -c 1/0"))
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        rewrite(spoilt)


def test_each_command_of_a_fence_has_its_own_output() -> None:
    assert printed(["x=1", "echo a; echo b", "echo $x"]) == ["", "a\nb\n", "1\n"]


def test_every_number_of_our_pages_has_a_source() -> None:
    """What the commands print is compared by `make check` and, for slow ones, by the integration suite."""
    assert not [fault for each in PAGES for fault in sourceless(each)]
