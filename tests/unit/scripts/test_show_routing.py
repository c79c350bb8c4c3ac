"""The pictures of docs/routing.md are what the engine says today, and can be read."""

import xml.etree.ElementTree as ElementTree

import pytest

from scripts.show_routing.__main__ import FOLDER, PICTURES, SCENES, SLOW
from scripts.show_routing.charts import Bar, Chart, Line


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in SLOW])
def test_a_picture_is_as_it_would_be_drawn_now(name: str) -> None:
    """`make docs` draws them anew."""
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == PICTURES[name]().svg()


def test_every_scene_has_something_to_show() -> None:
    for scene in SCENES:
        assert scene().strip(), scene.__name__
        assert scene.__doc__, scene.__name__


def test_a_chart_is_a_picture_for_light_and_dark() -> None:
    chart = Chart(
        title="Less < more & so on",
        x_words="seconds",
        x_ticks=(0, 10),
        y_ticks=(0, 5),
        lines=[Line("up", [(0, 0), (10, 5)], "a", steps=True)],
        bands=[(2, 4)],
    )
    drawn = chart.svg()
    root = ElementTree.fromstring(drawn)
    assert root.find("{*}title").text == "Less < more & so on"  # type: ignore[union-attr]
    assert "prefers-color-scheme:dark" in drawn
    [line] = root.findall("{*}polyline")
    assert line.get("points", "").count(" ") == 2, "across, then up"


def test_a_row_without_a_bar_is_a_heading() -> None:
    chart = Chart(title="t", x_words="x", x_ticks=(0, 10), rows=("head", "one"), bars=[Bar(1, 0, 5, "a")])
    titles = ElementTree.fromstring(chart.svg()).findall("{*}text[@class='title']")
    assert [title.text for title in titles] == ["t", "head"]
