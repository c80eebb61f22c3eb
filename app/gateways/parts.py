"""The parts a process is put together from: settings, database, outside systems. Built once at its start."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from app.config import Settings
from app.gateways.objects import S3Store
from app.gateways.sms import Sms
from app.gateways.wechat import AppVersion, WeChat
from app.kit import sealing, signing
from app.kit.crypto import Suite, parse_master_keys
from app.kit.db import Database
from app.kit.passwords import Passwords
from app.kit.signing import SignatureAlgorithm
from app.kit.storage import EncryptedStore, LocalStore, ObjectStore


@dataclass(frozen=True)
class Parts:
    """What routes and background work share."""

    settings: Settings
    database: Database
    wechat: WeChat
    sms: Sms
    papers: ObjectStore
    passwords: Passwords
    token_key: bytes = field(repr=False)


def build_parts(settings: Settings, database: Database | None = None) -> Parts:
    """Put a process together and load its keys. The database must be migrated; one that is open already may be given."""
    suite = Suite(settings.crypto_suite)
    master = parse_master_keys(settings.master_keys, suite)
    database = database or Database(settings.effective_database_url, pool_size=settings.database_pool)
    keyring = sealing.configure(database, master, suite)
    signing.configure(SignatureAlgorithm(settings.signature_algorithm))
    return Parts(
        settings=settings,
        database=database,
        wechat=WeChat(
            settings.wechat_url,
            settings.wechat_appid,
            settings.wechat_secret,
            version=AppVersion(settings.wechat_miniprogram_state),
        ),
        sms=Sms(
            settings.sms_url,
            settings.sms_secret_id,
            settings.sms_secret_key,
            settings.sms_app_id,
            settings.sms_sign,
            settings.sms_region,
        ),
        papers=EncryptedStore(_paper_store(settings), keyring.paper_key, suite),
        passwords=Passwords(memory_kib=settings.password_memory_kib, rounds=settings.password_rounds),
        token_key=keyring.token_key,
    )


def _paper_store(settings: Settings) -> ObjectStore:
    if settings.s3_bucket:
        return S3Store(
            bucket=settings.s3_bucket,
            prefix="papers/",
            endpoint_url=settings.s3_endpoint or None,
            region=settings.s3_region,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
        )
    return LocalStore(settings.data_dir / "papers")


def parts() -> Parts:
    """The parts of the application that handles the current request."""
    return cast(Parts, current_app.extensions["parts"])
