"""`python -m scripts.show_routing NAME` prints a scene; `--draw` draws every picture of docs/routing.md."""

import argparse
from collections.abc import Callable

from scripts.show_routing import choice, lead, waits
from scripts.show_routing.cap import cap_picture
from scripts.show_routing.charts import Chart
from scripts.show_routing.scene import ROOT, part

FOLDER = ROOT / "docs" / "images" / "routing"
SCENES: tuple[Callable[[], str], ...] = (
    lead.value,
    lead.lead,
    lead.first,
    waits.bound,
    waits.steps,
    waits.expected,
    waits.hours,
    waits.reserve,
    choice.choice,
    choice.decided,
    choice.waiting,
    choice.capacity,
    choice.ramp,
    choice.asked,
    choice.callback,
    choice.owner,
)
PICTURES: dict[str, Callable[[], Chart]] = {
    "lead": lead.lead_picture,
    "first": lead.first_picture,
    "steps": waits.steps_picture,
    "reserve": waits.reserve_picture,
    "cap": cap_picture,
}
SLOW = ("cap",)
"""Drawn from the simulator, which takes a while."""


def main() -> None:
    """Print the scene that was asked for, or draw."""
    scenes = {scene.__name__: scene for scene in SCENES}
    parser = argparse.ArgumentParser(prog="show_routing", description="Scenes played on the routing engine.")
    names = parser.add_mutually_exclusive_group(required=True)
    names.add_argument("name", nargs="?", choices=scenes, help="a scene to print")
    names.add_argument(
        "--part", metavar="PATH", help="a part of docs/examples/rules.json: queues/orders/reserve"
    )
    names.add_argument("--draw", action="store_true", help="draw the pictures of docs/routing.md")
    asked = parser.parse_args()
    if asked.part:
        print(part(asked.part))
        return
    if not asked.draw:
        print(scenes[asked.name]())
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, picture in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(picture().svg(), encoding="utf-8")
        print(f"drawn: {(FOLDER / name).relative_to(ROOT)}.svg")


if __name__ == "__main__":
    main()
