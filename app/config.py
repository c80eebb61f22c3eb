"""Settings, frozen, from the environment. The only reader of os.environ.

Names are ZHANGBAN_ and the field's name in capitals: ZHANGBAN_DATABASE_URL, ZHANGBAN_MODE … docs/operations.md lists them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

PREFIX = "ZHANGBAN_"
DEMO_MASTER_KEY = "demo:ZGVtby1rZXktb2YtemhhbmdiYW4tbm90LXNlY3JldCE="
"""Known to everybody, so that a demo needs no set-up. Refused in production."""


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "crypto_suite": ("intl", "sm"),
    "signature_algorithm": ("ed25519", "ecdsa-p256"),
    "wechat_miniprogram_state": ("formal", "trial", "developer"),
}
"""Settings that are one of a few words. What the words mean is known elsewhere; a test holds the two together."""


def _secret(default: str) -> str:
    """A field that does not show when the settings are printed."""
    hidden: str = field(default=default, repr=False)
    return hidden


class Mode(StrEnum):
    DEMO = "demo"
    PRODUCTION = "production"


class SettingsError(ValueError):
    """A setting is missing or cannot be read."""


@dataclass(frozen=True)
class Settings:
    """Every setting with its default for a demo on one machine."""

    mode: Mode = Mode.DEMO
    data_dir: Path = Path(".demo")
    database_url: str = _secret("")  # empty: SQLite in data_dir
    database_pool: int = 5
    redis_url: str = _secret("")  # empty: jobs in SQLite, rate limits in the process
    public_url: str = "http://127.0.0.1:8700"  # `serve` puts in where it listens, unless the variable is set
    master_keys: str = _secret(DEMO_MASTER_KEY)  # "v1:BASE64,v2:BASE64", the last seals
    crypto_suite: str = "intl"  # intl: AES-GCM and SHA-256; sm: SM4-GCM and SM3
    signature_algorithm: str = "ed25519"  # of experts' opinions: ed25519 or ecdsa-p256
    log_level: str = "info"
    trusted_proxies: int = 0
    metrics_token: str = _secret("")  # empty: /metrics answers to this machine only

    access_token_minutes: int = 30
    refresh_token_days: int = 30
    staff_max_failures: int = 5  # of one user name from one network
    staff_max_failures_anywhere: int = 50  # of one user name; more than one network can reach in an hour
    staff_lock_minutes: int = 15
    password_memory_kib: int = 65536
    password_rounds: int = 3

    wechat_url: str = "http://127.0.0.1:8701"
    wechat_appid: str = "wx0000demo0000demo"
    wechat_secret: str = _secret("demo-wechat-secret")
    wechat_template_result: str = "tmpl-filing-result"
    wechat_template_correction: str = "tmpl-filing-correction"
    wechat_template_progress: str = "tmpl-filing-progress"
    wechat_miniprogram_state: str = "formal"
    sms_url: str = "http://127.0.0.1:8702"
    sms_secret_id: str = _secret("demo-sms-id")
    sms_secret_key: str = _secret("demo-sms-key")
    sms_app_id: str = "1400000000"
    sms_sign: str = "掌上办"
    sms_region: str = "ap-guangzhou"
    sms_template_result: str = "1000001"
    sms_template_correction: str = "1000002"
    sms_template_progress: str = "1000003"

    s3_bucket: str = ""  # empty: papers in data_dir
    s3_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = _secret("")
    s3_secret_key: str = _secret("")

    json_max_bytes: int = 65_536  # of every body that is not an upload
    upload_max_bytes: int = 10_000_000
    upload_max_pixels: int = 40_000_000
    uploads_per_person_per_day: int = 100
    open_filings_per_person: int = 20

    rate_limits: bool = True
    rate_address: str = "1200/minute"  # of one address before sign-in, counted in each web process
    rate_general: str = "600/minute"
    rate_sign_in: str = "60/minute"
    rate_verify: str = "30/minute"
    rate_upload: str = "60/minute"
    rate_terminal: str = "6000/minute"  # of one hospital's or pharmacy's system, for each of its routes
    rate_failures: str = "60/minute"  # guesses of one terminal at voucher codes; what succeeds is not counted

    clock_offset_seconds: float = 0.0  # set by `serve --clock`, demo mode only

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'zhangban.sqlite3').absolute()}"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ZHANGBAN_* variables. Raises SettingsError naming every variable that is wrong, at once."""
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    known = {PREFIX + field.name.upper(): field for field in fields(Settings)}
    strangers = sorted(name for name in source if name.startswith(PREFIX) and name not in known)
    wrong = [f"{name}: there is no such setting" for name in strangers]
    for name, setting in known.items():
        if name in source:
            try:
                values[setting.name] = _parse(setting.type, source[name])
                _check_choice(setting.name, source[name])
            except ValueError as error:
                wrong.append(f"{name}: {error}")
    if wrong:
        raise SettingsError("\n".join(wrong))
    settings = Settings(**values)
    problems = settings_problems(settings)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def settings_problems(settings: Settings) -> list[str]:
    """What must not be: a lock that one network can put on everybody; in production demo keys, metrics for everybody
    behind the proxy, a shifted clock."""
    tries_an_hour = settings.staff_max_failures * (60 // max(1, settings.staff_lock_minutes) + 1)
    if tries_an_hour >= settings.staff_max_failures_anywhere:
        return [
            f"{PREFIX}STAFF_MAX_FAILURES_ANYWHERE: must be above {tries_an_hour}, so many tries has one network an hour"
        ]
    if settings.is_demo:
        return []
    secrets = ("master_keys", "wechat_appid", "wechat_secret", "sms_secret_id", "sms_secret_key")
    problems = [
        f"{PREFIX}{name.upper()}: must be set in production"
        for name in secrets
        if getattr(settings, name) == getattr(Settings, name)
    ]
    if not settings.metrics_token:
        problems.append(f"{PREFIX}METRICS_TOKEN: must be set in production")
    if settings.clock_offset_seconds:
        problems.append(f"{PREFIX}CLOCK_OFFSET_SECONDS: the clock can be shifted in demo mode only")
    return problems


def is_given(name: str, environ: Mapping[str, str] | None = None) -> bool:
    """Whether a variable says what the setting ``name`` is, rather than its default."""
    return bool((os.environ if environ is None else environ).get(PREFIX + name.upper()))


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables that make another process read the same settings."""
    found = {}
    for setting in fields(Settings):
        value = getattr(settings, setting.name)
        if value != setting.default:
            found[PREFIX + setting.name.upper()] = str(value)
    return found


def _parse(kind: Any, value: str) -> Any:
    """A variable's text as the field's type. Raises ValueError."""
    if kind is bool:
        return _truth(value)
    return kind(value)


def _check_choice(name: str, value: str) -> None:
    """Raise ValueError for a word that the setting does not take."""
    words = CHOICES.get(name)
    if words is not None and value not in words:
        raise ValueError(f"must be one of {', '.join(words)}, not {value!r}")


def _truth(value: str) -> bool:
    lowered = value.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off"}:
        return False
    raise ValueError("expected true or false")


def parse_clock(value: str) -> datetime:
    """The argument of ``--clock``: RFC 3339 with an offset. Raises ValueError."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("the time needs an offset, such as 2026-01-31T09:30:00+08:00")
    return moment
