"""Who may see what: own contacts, customers being served, files as downloads, the supervisors' part."""

from sqlalchemy import insert, select

from channels.base import Attachment, Inbound, Kind, Raw
from hub import inbox
from hub.store.tables import attachments, contacts
from tests.unit.hub.api.serving import Browser, Served
from tests.unit.hub.api.test_layer import contact_of_mia


async def row_of(site: Served, contact_id: str) -> object:
    query = select(contacts).where(contacts.c.contact_id == contact_id)
    return await site.hub.store.read(lambda c: c.execute(query).one())


async def test_an_agent_sees_own_contacts_and_served_customers_a_supervisor_all(
    site: Served, mia: Browser, wei: Browser, sue: Browser
) -> None:
    contact_id = await contact_of_mia(site)
    row = await row_of(site, contact_id)
    paths = (
        f"/api/contacts/{contact_id}",
        f"/api/contacts/{contact_id}/decisions",
        f"/api/interactions/{row.interaction_id}/messages",  # type: ignore[attr-defined]
        f"/api/customers/{row.customer_id}",  # type: ignore[attr-defined]
        f"/api/customers/{row.customer_id}/timeline",  # type: ignore[attr-defined]
    )
    for path in paths:
        assert (await mia.get(path))[0] == 200, path
        assert (await sue.get(path))[0] == 200, path
        status, body = await wei.get(path)
        assert (status, body["code"]) == (403, "forbidden"), path
    for path in ("/api/contacts/x", "/api/interactions/x/messages", "/api/customers/x", "/api/attachments/x"):
        assert (await mia.get(path))[0] == 404, path


async def test_after_the_contact_its_agent_keeps_the_conversation_but_not_the_customer(
    site: Served, mia: Browser
) -> None:
    contact_id = await contact_of_mia(site)
    row = await row_of(site, contact_id)
    await mia.post(f"/api/contacts/{contact_id}/end")
    await mia.post(f"/api/contacts/{contact_id}/wrap-up", {"disposition": "resolved"})
    await site.settled()
    assert (await mia.get(f"/api/interactions/{row.interaction_id}/messages"))[0] == 200  # type: ignore[attr-defined]
    assert (await mia.get(f"/api/customers/{row.customer_id}"))[0] == 403  # type: ignore[attr-defined]


async def test_why_this_agent_is_answered_in_two_languages(site: Served, mia: Browser) -> None:
    contact_id = await contact_of_mia(site)
    _, body = await mia.get(f"/api/contacts/{contact_id}/decisions")
    [decision] = body["items"]
    assert (decision["agent_name"], decision["outcome"]) == ("Mia", "accepted")
    why = decision["why"]
    assert why["headline"]["en"].startswith("Best match of the free agents")
    assert why["headline"]["zh"].startswith("空闲坐席中最合适")
    facts = {fact["kind"]: fact["text"]["en"] for fact in why["facts"]}
    assert facts["rule"].startswith("Routed by the rule “"), "by its name, not its id"
    assert facts["excluded"] == "Could not be asked: 1 offline."
    [candidate] = why["candidates"]
    assert (candidate["agent_name"], candidate["chosen"]) == ("Mia", True)
    assert decision["trace"]["chosen"]["agent"] == "agent-mia"


async def test_messages_are_read_by_sequence(site: Served, mia: Browser) -> None:
    contact_id = await contact_of_mia(site)
    row = await row_of(site, contact_id)
    await mia.post(f"/api/contacts/{contact_id}/messages", {"client_id": "c1", "text": "Hello"})
    path = f"/api/interactions/{row.interaction_id}/messages"  # type: ignore[attr-defined]
    _, everything = await mia.get(path)
    assert [item["text"] for item in everything["items"]] == ["Hi", "Hello"]
    _, rest = await mia.get(f"{path}?after={everything['items'][0]['seq']}")
    assert [item["text"] for item in rest["items"]] == ["Hello"]
    assert rest["last_seq"] == everything["last_seq"]


async def test_an_attachment_is_a_download_whatever_it_claims_to_be(
    site: Served, mia: Browser, wei: Browser
) -> None:
    contact_id = await contact_of_mia(site)
    row = await row_of(site, contact_id)
    path = f"/api/interactions/{row.interaction_id}/messages"  # type: ignore[attr-defined]
    _, conversation = await mia.get(path)
    file = Attachment('发票 "1".html', "text/html", b"<script>alert(1)</script>")
    values = {
        "attachment_id": "a1",
        "message_id": conversation["items"][0]["message_id"],
        "filename": file.filename,
        "content_type": file.content_type,
        "size_bytes": len(file.content),
        "content": file.content,
    }
    await site.hub.store.write(lambda c: c.execute(insert(attachments), values) and None)
    _, conversation = await mia.get(path)
    [shown] = conversation["items"][0]["attachments"]
    assert (shown["filename"], shown["size_bytes"]) == (file.filename, len(file.content))
    async with mia.http.get(shown["url"]) as answer:
        assert await answer.read() == file.content
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert (await wei.get(shown["url"]))[0] == 403


async def test_quarantine_and_board_are_for_supervisors(site: Served, mia: Browser, sue: Browser) -> None:
    raw = Raw("17:4/x", b"\xff\xfe broken", 5)
    await site.hub.store.write(lambda c: inbox.store(c, "mail", raw))
    await site.hub.store.write(lambda c: inbox.quarantine(c, "mail", raw.provider_id, "cannot be read"))
    for path in ("/api/quarantine", "/api/board", "/api/quarantine/mail/17:4%2Fx/raw"):
        assert (await mia.get(path))[0] == 403
    _, listed = await sue.get("/api/quarantine")
    [item] = listed["items"]
    assert (item["reason"], item["size_bytes"]) == ("cannot be read", len(raw.content))
    async with sue.http.get("/api/quarantine/mail/17:4%2Fx/raw") as answer:
        assert (answer.status, await answer.read()) == (200, raw.content)
        assert answer.content_type == "text/plain"
    _, board = await sue.get("/api/board")
    assert board["quarantined"] == 1
    assert {agent["name"] for agent in board["agents"]} == {"Mia", "Wei"}


async def test_the_board_says_why_a_contact_still_waits(site: Served, sue: Browser) -> None:
    await site.hub.ports.intake.admit(
        "sms", Inbound(Kind.SMS, "SM9", "+447700900129", "+447700900001", 1, "Anybody?")
    )
    await site.settled()
    _, board = await sue.get("/api/board")
    [waiting] = board["waiting"]
    assert waiting["position"] == 1
    assert "offline" in waiting["why_not_yet"]["en"]
    assert "离线" in waiting["why_not_yet"]["zh"]
    [queue] = [queue for queue in board["queues"] if queue["waiting"]]
    assert queue["queue_id"] == waiting["queue_id"]
    assert queue["service_level"] is None
