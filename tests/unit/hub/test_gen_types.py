"""The generated TypeScript is what hub/wire.py says; a change that was not generated is noticed."""

from pathlib import Path

from hub import gen_types

ROOT = Path(__file__).resolve().parents[3]


def test_the_committed_types_are_the_generated_ones() -> None:
    assert gen_types.main(["--check", str(ROOT / "agent_ui/src/wire/protocol.gen.ts")]) == 0


def test_what_differs_is_refused_and_then_written(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "protocol.gen.ts"
    assert gen_types.main(["--check", str(target)]) == 1
    assert gen_types.main([str(target)]) == 0
    assert gen_types.main(["--check", str(target)]) == 0
    target.write_text(target.read_text().replace("number", "string"))
    assert gen_types.main(["--check", str(target)]) == 1


def test_tags_unions_and_optional_fields_are_kept() -> None:
    text = gen_types.render()
    assert 'export interface OfferCreated {\n  type: "offer.created";\n  offer: OfferView;\n}' in text
    assert "export type ConsoleEvent = OfferCreated | OfferEnded |" in text
    assert "  d: ConsoleEvent;" in text
    assert "  note?: boolean;" in text
    assert "  service_level: number | null;" in text
