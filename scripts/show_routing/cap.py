"""What a cap of the head start brings and costs, from the simulator, as a picture.

The same numbers as `rapport simulate --rules docs/examples/rules.json --from docs/examples/tight-day.json
--seeds 5 --advice cap`.
"""

import json

from hub import simulation
from scripts.show_routing.charts import Chart, Line
from scripts.show_routing.scene import ROOT, example

SEEDS = range(1, 6)
DAY = ROOT / "docs" / "examples" / "tight-day.json"


def cap_picture() -> Chart:
    """Value lost, and the longest wait of the low half, over the cap; both as shares of those without it."""
    material = simulation.Material({"a": example()}, json.loads(DAY.read_text(encoding="utf-8")))
    tried = simulation.run(material, SEEDS, 2, ["cap"])["advice"]["cap"]["tried"]
    without = tried[0]

    def course(name: str, title: str, ink: str) -> Line:
        points = [
            (place, 100 * entry[name]["value"] / without[name]["value"]) for place, entry in enumerate(tried)
        ]
        return Line(title, points, ink)

    return Chart(
        title="The cap of the head start: what it saves and what it costs",
        x_words="cap of the head start",
        x_ticks=range(len(tried)),
        x_texts=[f"{entry['cap_s']} s" for entry in tried],
        y_words="percent of what happens without a head start",
        y_ticks=range(60, 141, 20),
        lines=[
            course("value_lost", "value lost", "a"),
            course("wait_longest_low", "longest wait, low half", "b"),
        ],
    )
