"""Agents that the engine and the login can use; everything else is refused, with every reason."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, StaticPool, create_engine, select

from hub.staff import change_work, create_agent
from hub.store.tables import agents, metadata


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


def test_an_agent_gets_a_secret_for_the_phone_and_a_capacity(conn: Connection) -> None:
    assert (
        create_agent(conn, username="mia", name=" Mia ", password="rapport", phone_endpoint="agent1")
        == "agent-mia"
    )
    create_agent(conn, username="ada", name="Ada", password="rapport", roles=["admin"])
    mia, ada = conn.execute(select(agents).order_by(agents.c.username.desc())).all()
    assert (mia.name, mia.roles, mia.skills, mia.active) == ("Mia", ["agent"], {}, True)
    assert mia.capacity["caps"]["voice"] == 1
    assert mia.capacity["weights"]["voice"] == mia.capacity["units"], "a call takes the whole person"
    assert len(mia.phone_secret) >= 20
    assert (ada.phone_endpoint, ada.phone_secret) == ("", "")
    assert "rapport" not in mia.password_hash


def test_all_mistakes_are_told_together_and_nothing_is_written(conn: Connection) -> None:
    with pytest.raises(ValueError, match="username") as refused:
        create_agent(
            conn,
            username="Mia Turner",
            name=" ",
            password="12345",
            roles=["boss"],
            skills={"english": 0, "orders": 101},
            capacity={"units": 1, "caps": {"fax": 1}, "weights": {"voice": -1}},
        )
    for word in ("username", "name is empty", "password", "roles", "english", "orders", "fax"):
        assert word in str(refused.value)
    assert conn.execute(select(agents)).all() == []


def test_a_username_is_given_once(conn: Connection) -> None:
    create_agent(conn, username="mia", name="Mia", password="rapport")
    with pytest.raises(ValueError, match="'mia' is taken"):
        create_agent(conn, username="mia", name="Another", password="rapport")
    with pytest.raises(ValueError, match="capacity: .*units"):
        create_agent(conn, username="wei", name="Wei", password="rapport", capacity={"units": 0})


def test_skills_and_capacity_change_apart_and_some_skills_alone(conn: Connection) -> None:
    create_agent(conn, username="mia", name="Mia", password="rapport", skills={"english": 80, "orders": 40})
    assert change_work(conn, username="mia", some_skills={"orders": 60, "vip": 50}) == "agent-mia"
    row = conn.execute(select(agents)).one()
    assert row.skills == {"english": 80, "orders": 60, "vip": 50}
    change_work(conn, username="mia", skills={"vip": 90}, capacity={"units": 2, "caps": {"chat": 2}})
    row = conn.execute(select(agents)).one()
    assert (row.skills, row.capacity) == ({"vip": 90}, {"units": 2, "caps": {"chat": 2}})
    with pytest.raises(ValueError, match="nobody called 'wei'"):
        change_work(conn, username="wei", skills={})
    with pytest.raises(ValueError, match="vip"):
        change_work(conn, username="mia", some_skills={"vip": 101})
    assert conn.execute(select(agents)).one().skills == {"vip": 90}
