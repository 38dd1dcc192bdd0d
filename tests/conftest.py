"""What holds for the whole suite."""

import os

import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Under ``CI=true`` everything a test may need is there, so a skipped test is a failure."""
    if os.environ.get("CI") != "true" or hasattr(session.config, "workerinput"):
        return
    if skipped_tests(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if os.environ.get("CI") == "true" and (skipped := skipped_tests(config)):
        terminalreporter.section("tests that must not be skipped here", red=True)
        for name in skipped:
            terminalreporter.line(name)


def skipped_tests(config: pytest.Config) -> list[str]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return [report.nodeid for report in reporter.stats.get("skipped", [])] if reporter else []
