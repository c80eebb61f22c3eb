"""The settings under which the bench runs: a production's, without limits that two callers would hit."""

import secrets
from dataclasses import replace
from pathlib import Path

from app.config import Mode, Settings
from app.kit.crypto import new_master_key
from bench.database import Database

UNLIMITED = "10000000/minute"
"""The limiter works as ever, it only never refuses."""


def bench_settings(database: Database, folder: Path, wechat_url: str) -> Settings:
    """Production on PostgreSQL, with keys of this run and our stand-in for WeChat."""
    return replace(
        Settings(),
        mode=Mode.PRODUCTION,
        data_dir=folder,
        database_url=database.url,
        master_keys=new_master_key("bench"),
        wechat_url=wechat_url,
        wechat_appid="wx0000bench0000bench",
        wechat_secret=secrets.token_urlsafe(),
        # Never called: WeChat takes every notice.
        sms_url="http://127.0.0.1:9",
        sms_secret_id=secrets.token_urlsafe(),
        sms_secret_key=secrets.token_urlsafe(),
        metrics_token=secrets.token_urlsafe(),
        access_token_minutes=720,
        rate_general=UNLIMITED,
        rate_sign_in=UNLIMITED,
        rate_address=UNLIMITED,
    )
