"""What stands against putting this set-up into service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from config import THREE_ADMINISTRATORS, Config
from webapp.adapters.clamd import Clamd, ScannerAwayError
from webapp.adapters.storage import StoreAwayError
from webapp.database import build_engine
from webapp.models import load_models
from webapp.schema import at_head
from workflows.agencies.models import Person
from workflows.agencies.seeding import list_demo_accounts
from workflows.cases.materials.models import ContentScan

PASSWORD_LENGTH = 10
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_WAITS = ContentScan.due_at.is_not(None)
LONGEST_IDLE = timedelta(hours=1)


@dataclass(frozen=True)
class Reason:
    """One thing that makes the set-up unsafe, in both languages."""

    zh: str
    en: str


def reasons(config: Config) -> tuple[Reason, ...]:
    """Return everything that is unsafe about `config` and its database; empty means fit for service."""
    found = (_about_settings, _about_identity, _about_folder, _about_files, _about_database)
    return tuple(reason for about in found for reason in about(config))


def _about_settings(config: Config) -> Iterator[Reason]:
    if not config.production:
        yield Reason("LIANBAN_ENV 不是 production", "LIANBAN_ENV is not production")
    if len(set(config.secret_key)) < 12:
        yield Reason("LIANBAN_SECRET_KEY 过于简单", "LIANBAN_SECRET_KEY is too simple")
    if not config.secure_cookies:
        yield Reason("登录凭据未限定 HTTPS", "Cookies are sent without HTTPS (LIANBAN_SECURE_COOKIES)")
    if config.embedded_database:
        yield Reason("正在使用内嵌数据库 SQLite", "The database is the embedded SQLite (DATABASE_URL)")
    if config.embedded_broker:
        yield Reason("正在使用内嵌消息队列", "The broker is the embedded one (BROKER_URL)")
    if config.demo_password:
        yield Reason("设置了演示账号密码", "LIANBAN_DEMO_PASSWORD is set")
    if config.log_level == "DEBUG":
        yield Reason("日志级别为 DEBUG", "LIANBAN_LOG_LEVEL is DEBUG")
    if config.host not in LOOPBACK and not config.trusted_proxies:
        yield Reason(
            "直接对外监听而未经反向代理", "Listens to the network without a reverse proxy (LIANBAN_TRUSTED_PROXIES)"
        )


def _about_identity(config: Config) -> Iterator[Reason]:
    if not set(THREE_ADMINISTRATORS) <= set(config.second_factor_posts):
        yield Reason(
            "三员登录未要求二次验证",
            "The three administrators sign in without a second factor (LIANBAN_SECOND_FACTOR_POSTS)",
        )
    if config.password_minimum < PASSWORD_LENGTH:
        yield Reason("密码可以短于10个字符", "Passwords may be shorter than 10 characters (LIANBAN_PASSWORD_MINIMUM)")
    if config.password_history == 0:
        yield Reason("可以重复使用旧密码", "Old passwords may be used again (LIANBAN_PASSWORD_HISTORY)")
    if config.session_idle > LONGEST_IDLE:
        yield Reason("闲置60分钟后仍不退出登录", "Idle logins last over an hour (LIANBAN_SESSION_IDLE_MINUTES)")
    provider = config.single_sign_on
    if provider is not None and not provider.issuer.startswith("https://"):
        yield Reason("统一身份认证未经 HTTPS", "Single sign-on goes without HTTPS (LIANBAN_OIDC_ISSUER)")


def _about_files(config: Config) -> Iterator[Reason]:
    if config.scanner is not None:
        try:
            Clamd(config.scanner).ping()
        except ScannerAwayError:
            yield Reason("查毒服务没有应答", "The virus scanner does not answer (LIANBAN_SCANNER)")
    if config.bucket is None:
        return
    from webapp.adapters.bucket import BucketStore  # its library is large: only where it is used

    endpoint = config.bucket.endpoint or "https://"
    if urlsplit(endpoint).scheme != "https" and urlsplit(endpoint).hostname not in LOOPBACK:
        yield Reason("附件未经 HTTPS 存取", "Attachments travel without HTTPS (LIANBAN_STORE)")
    try:
        BucketStore(config.bucket).ping()
    except StoreAwayError:
        yield Reason("附件存储无法使用", "The bucket for attachments cannot be used (LIANBAN_STORE)")


def _about_folder(config: Config) -> Iterator[Reason]:
    if config.data_dir.exists() and config.data_dir.stat().st_mode & 0o007:
        yield Reason("数据目录对其他用户开放", "The data folder is open to other users of the machine")


def _about_database(config: Config) -> Iterator[Reason]:
    load_models()
    engine = build_engine(config.database_url)
    try:
        with engine.connect() as connection:
            if not at_head(connection):
                yield Reason("数据库结构不是最新", "The database is not migrated (lianban setup)")
                return
            names = [account.username for account in list_demo_accounts()]
            with Session(connection) as session:
                if session.scalar(select(func.count()).where(Person.username.in_(names))):
                    yield Reason("数据库中有演示账号", "The database holds demo accounts")
                if config.scanner is None and session.scalar(select(ContentScan.sha256).where(_WAITS).limit(1)):
                    yield Reason("有文件等待查毒，但没有设置查毒服务", "Files wait for a scanner (LIANBAN_SCANNER)")
    except SQLAlchemyError as error:
        yield Reason("数据库无法连接", f"The database cannot be reached: {type(error).__name__}")
    finally:
        engine.dispose()
