"""What holds for every suite: a skipped test is a failed run.

Absent: fixtures. Each suite's own conftest has those that it needs, and `tests/lab` starts the real peers.
"""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which anything was skipped: a part that is missing must be seen, not passed over."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
