"""Names are read from rows once, and what has none keeps its id."""

from hub.bootstrap import Hub
from hub.console.why import names


async def test_names_come_from_agents_and_from_the_rule_set_that_is_cited(hub: Hub) -> None:
    cited = hub.dispatcher.engine.rule_set
    known = await hub.store.read(
        lambda c: names.read(c, ["agent-mia", "agent-mia", "nobody"], [cited, "gone"], {"vip": "VIP now"})
    )
    assert (known.agent("agent-mia"), known.agent("nobody")) == ("Mia", "nobody")
    assert (known.queue("vip", cited), known.queue("general", cited)) == ("VIP now", "General questions")
    assert (known.skill("english", cited), known.skill("english", "gone")) == ("English", "english")
    assert known.rule("vip-chinese", cited).en.startswith(
        "the rule “Premium customer, Chinese” of rule set “"
    )
    assert known.rule("vip", "gone").en == "the rule “vip” of rule set (gone)"


async def test_many_rule_sets_are_not_all_kept(hub: Hub) -> None:
    cited = hub.dispatcher.engine.rule_set
    for _ in range(2):
        found = await hub.store.read(lambda c: names.read_sets(c, [cited]))
        assert set(found) == {cited}
    assert await hub.store.read(lambda c: names.read_sets(c, [])) == {}
