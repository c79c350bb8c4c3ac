"""Writes the description of the HTTP interface to `var/docs/openapi.json`, as a running hub serves it."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hub.api import openapi  # noqa: E402 - the checkout must be importable first
from hub.api.app import API_VERSION, endpoints  # noqa: E402


def main() -> None:
    """Write the file and say where it is."""
    target = ROOT / "var" / "docs" / "openapi.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    document = openapi.document(endpoints(), API_VERSION)
    target.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"HTTP interface: {len(document['paths'])} paths in {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
