"""The command as an operator types it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli import main
from app.config import Settings


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Callable[..., Result]:
    """Run the command against the test's own database."""

    def invoke(*arguments: str, typed: str = "", **environment: str) -> Result:
        base = {
            "ZHANGBAN_DATA_DIR": str(tmp_path),
            "ZHANGBAN_DATABASE_URL": settings.database_url,
            "ZHANGBAN_WECHAT_URL": settings.wechat_url,
            "ZHANGBAN_SMS_URL": settings.sms_url,
            "ZHANGBAN_PASSWORD_MEMORY_KIB": str(settings.password_memory_kib),
            "ZHANGBAN_PASSWORD_ROUNDS": str(settings.password_rounds),
        }
        return CliRunner().invoke(
            main, arguments, input=typed, env={**base, **environment}, catch_exceptions=False
        )

    return invoke
