"""Every setting of the program, read once from the environment and checked before anything starts.

| variable | meaning | default |
|-|-|-|
| `LIANBAN_ENV` | `development` or `production` | `development` |
| `LIANBAN_DATA_DIR` | folder for the embedded database, attachments, queue files and keys | `var` |
| `DATABASE_URL` | `sqlite:///…` or `postgresql://…` | a SQLite file in the data folder |
| `BROKER_URL` | `filesystem://`, `redis://…` or `amqp://…` | `filesystem://` in the data folder |
| `LIANBAN_SECRET_KEY` | signs cookies, at least 32 characters | made in the data folder; required in production |
| `LIANBAN_DEMO_PASSWORD` | password of the demo accounts, at least 8 characters | made and printed at the first start |
| `LIANBAN_HOST`, `LIANBAN_PORT` | where the web process listens | `127.0.0.1`, `8000` |
| `LIANBAN_WEB_THREADS` | threads of the embedded web server, 1–64 | `8` |
| `LIANBAN_WORKER_PROCESSES` | job processes of one worker, 1–64 | `1` |
| `LIANBAN_UPLOAD_MAX_MB` | largest upload, 1–1024 | `20` |
| `LIANBAN_CASE_QUOTA_MB` | all papers of one case together, 10–100000 | `1000` |
| `LIANBAN_DAILY_QUOTA_MB` | all papers one applicant adds in a day, 10–100000 | `1000` |
| `LIANBAN_STORE` | where attachments lie: `s3://bucket/prefix?endpoint=https://…&region=…`; the data folder without | |
| `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | who may use it; the last if there is one | |
| `LIANBAN_SCANNER` | the virus scanner: `unix:/run/clamav/clamd.ctl` or `tcp:host:3310`; nothing is scanned without | |
| `LIANBAN_SCANNER_AWAY` | while the scanner cannot be reached: `hold` uploads unread, or `refuse` them | `hold` |
| `LIANBAN_SCAN_AGAIN_DAYS` | what the scanner said of a file counts for so many days, 0–3650; 0 is for ever | `0` |
| `LIANBAN_SESSION_IDLE_MINUTES` | a login not used for so long has ended, 1–1440 | `30` |
| `LIANBAN_SESSION_HOURS` | a login ends after so long in any case, 1–24 | `12` |
| `LIANBAN_TOKEN_HOURS` | an API token got by signing in lives so long, 1–720 | `8` |
| `LIANBAN_PERSONAL_TOKEN_DAYS` | a personal API token lives so long at most, 1–366 | `90` |
| `LIANBAN_PASSWORD_MINIMUM` | least number of characters of a new password, 8–64 | `10` |
| `LIANBAN_PASSWORD_HISTORY` | a new password is none of so many earlier ones, 0–24 | `5` |
| `LIANBAN_PASSWORD_MAX_AGE_DAYS` | a password has to be changed after so many days, 0–3650; 0 is never | `0` |
| `LIANBAN_SECOND_FACTOR_POSTS` | posts with a second factor, with commas, or `none` | 三员 in production, else `none` |
| `LIANBAN_OIDC_ISSUER` | address of the OpenID Connect provider; empty means no single sign-on | |
| `LIANBAN_OIDC_CLIENT_ID`, `LIANBAN_OIDC_CLIENT_SECRET` | what this program is registered as at the provider | |
| `LIANBAN_OIDC_USERNAME_CLAIM` | the claim that holds the user name here | `preferred_username` |
| `LIANBAN_SECURE_COOKIES` | `true` sends cookies over HTTPS only | `true` in production |
| `LIANBAN_TRUSTED_PROXIES` | number of reverse proxies whose `X-Forwarded-*` is believed, 0–5 | `0` |
| `LIANBAN_LOG_LEVEL` | `DEBUG`, `INFO`, `WARNING` or `ERROR` | `INFO` |

Only composition roots (`webapp.create_app`, the command line, the worker) read this module.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).resolve().parent
"""The checkout: where `bpmn/`, `migrations/` and `webapp/` lie."""

ENVIRONMENTS = ("development", "production")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
DATABASE_SCHEMES = ("sqlite", "postgresql")
BROKER_SCHEMES = ("filesystem", "redis", "rediss", "amqp", "amqps")
SCANNER_AWAY = ("hold", "refuse")
SECRET_MINIMUM = 32
PASSWORD_MINIMUM = 8
POSTS = (
    "clerk",
    "handler",
    "reviewer",
    "leader",
    "supervisor",
    "applicant",
    "system_admin",
    "security_admin",
    "audit_admin",
)
"""Posts whose holders sign in on the page."""
THREE_ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


class ConfigError(Exception):
    """The environment cannot be used.

    Args:
        problems: one plain sentence for each variable that is wrong.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class SingleSignOn:
    """Where people sign in instead of here.

    Args:
        issuer: address of the OpenID Connect provider, without a slash at its end.
        client_id, client_secret: what this program is registered as there.
        username_claim: the claim that holds the user name here.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    username_claim: str = "preferred_username"


@dataclass(frozen=True)
class BucketSettings:
    """A bucket of an S3-compatible server in which attachments lie.

    Args:
        name: of the bucket.
        prefix: what all keys begin with; empty, or ending with a slash.
        endpoint: address of the server; None for Amazon's own.
        region: as the server names it.
        access_key, secret_key, session_token: who may.
    """

    name: str
    prefix: str
    endpoint: str | None
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, checked. Secrets are left out of `repr`."""

    environment: str
    data_dir: Path
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    demo_password: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    web_threads: int = 8
    worker_processes: int = 1
    upload_max_bytes: int = 20 * 2**20
    case_quota_bytes: int = 1000 * 2**20
    daily_quota_bytes: int = 1000 * 2**20
    bucket: BucketSettings | None = None
    scanner: str | None = None
    scanner_away: str = "hold"
    scan_again_after: timedelta | None = None
    session_idle: timedelta = timedelta(minutes=30)
    session_lifetime: timedelta = timedelta(hours=12)
    token_lifetime: timedelta = timedelta(hours=8)
    personal_token_lifetime: timedelta = timedelta(days=90)
    password_minimum: int = 10
    password_history: int = 5
    password_max_age: timedelta | None = None
    second_factor_posts: tuple[str, ...] = ()
    single_sign_on: SingleSignOn | None = None
    secure_cookies: bool = False
    trusted_proxies: int = 0
    log_level: str = "INFO"

    @property
    def production(self) -> bool:
        """Tell whether this is a production set-up: no demo accounts, strict checks."""
        return self.environment == "production"

    @property
    def embedded_database(self) -> bool:
        """Tell whether the database is SQLite, inside this program."""
        return self.database_url.startswith("sqlite")

    @property
    def embedded_broker(self) -> bool:
        """Tell whether job messages are files in the data folder."""
        return self.broker_url.startswith("filesystem")

    @property
    def attachments_dir(self) -> Path:
        """The folder in which uploaded materials lie."""
        return self.data_dir / "attachments"

    @property
    def templates_dir(self) -> Path:
        """The folder of the administrator's own Word templates, each named by its kind, such as `acceptance.docx`."""
        return self.data_dir / "templates"

    @property
    def queue_dir(self) -> Path:
        """The folder of the embedded broker."""
        return self.data_dir / "queue"

    @property
    def log_dir(self) -> Path:
        """The folder in which supervised processes write their logs."""
        return self.data_dir / "logs"

    @property
    def demo_password_file(self) -> Path:
        """Where the password of the demo accounts is kept, so that each start can show it."""
        return self.data_dir / "demo-password"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check the environment.

        Outside production a missing secret key is made and kept in the data folder, so that logins outlive a restart.

        Raises:
            ConfigError: naming every variable that is wrong, all at once.
        """
        reader = _Reader(os.environ if environ is None else environ)
        environment = reader.choice("LIANBAN_ENV", ENVIRONMENTS, "development")
        data_dir = Path(reader.text("LIANBAN_DATA_DIR", "var")).expanduser().resolve()
        production = environment == "production"
        values = {
            "environment": environment,
            "data_dir": data_dir,
            "database_url": reader.url(
                "DATABASE_URL", DATABASE_SCHEMES, f"sqlite:///{(data_dir / 'lianban.sqlite3').as_posix()}"
            ),
            "broker_url": reader.url("BROKER_URL", BROKER_SCHEMES, "filesystem://"),
            "demo_password": reader.secret("LIANBAN_DEMO_PASSWORD", PASSWORD_MINIMUM),
            "host": reader.text("LIANBAN_HOST", "127.0.0.1"),
            "port": reader.number("LIANBAN_PORT", 8000, 1, 65535),
            "web_threads": reader.number("LIANBAN_WEB_THREADS", 8, 1, 64),
            "worker_processes": reader.number("LIANBAN_WORKER_PROCESSES", 1, 1, 64),
            "upload_max_bytes": reader.number("LIANBAN_UPLOAD_MAX_MB", 20, 1, 1024) * 2**20,
            "case_quota_bytes": reader.number("LIANBAN_CASE_QUOTA_MB", 1000, 10, 100_000) * 2**20,
            "daily_quota_bytes": reader.number("LIANBAN_DAILY_QUOTA_MB", 1000, 10, 100_000) * 2**20,
            "bucket": _bucket(reader),
            "scanner": reader.address("LIANBAN_SCANNER"),
            "scanner_away": reader.choice("LIANBAN_SCANNER_AWAY", SCANNER_AWAY, "hold"),
            "scan_again_after": reader.days("LIANBAN_SCAN_AGAIN_DAYS", 0, 3650),
            "session_idle": timedelta(minutes=reader.number("LIANBAN_SESSION_IDLE_MINUTES", 30, 1, 1440)),
            "session_lifetime": timedelta(hours=reader.number("LIANBAN_SESSION_HOURS", 12, 1, 24)),
            "token_lifetime": timedelta(hours=reader.number("LIANBAN_TOKEN_HOURS", 8, 1, 720)),
            "personal_token_lifetime": timedelta(days=reader.number("LIANBAN_PERSONAL_TOKEN_DAYS", 90, 1, 366)),
            "password_minimum": reader.number("LIANBAN_PASSWORD_MINIMUM", 10, PASSWORD_MINIMUM, 64),
            "password_history": reader.number("LIANBAN_PASSWORD_HISTORY", 5, 0, 24),
            "password_max_age": reader.days("LIANBAN_PASSWORD_MAX_AGE_DAYS", 0, 3650),
            "second_factor_posts": reader.several(
                "LIANBAN_SECOND_FACTOR_POSTS", POSTS, THREE_ADMINISTRATORS if production else ()
            ),
            "single_sign_on": _single_sign_on(reader),
            "secure_cookies": reader.flag("LIANBAN_SECURE_COOKIES", default=production),
            "trusted_proxies": reader.number("LIANBAN_TRUSTED_PROXIES", 0, 0, 5),
            "log_level": reader.choice("LIANBAN_LOG_LEVEL", LOG_LEVELS, "INFO"),
        }
        secret = reader.secret("LIANBAN_SECRET_KEY", SECRET_MINIMUM)
        if secret is None and production:
            reader.problems.append("LIANBAN_SECRET_KEY must be set in production")
        if reader.problems:
            raise ConfigError(tuple(reader.problems))
        return cls(secret_key=secret or _kept_secret(data_dir), **values)  # type: ignore[arg-type]  # checked above


class _Reader:
    """Reads variables and gathers what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.problems.append(f"{name} is {value!r}, must be one of {', '.join(allowed)}")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            self.problems.append(f"{name} is {value!r}, must be a whole number from {least} to {most}")
            return default
        return int(value)

    def days(self, name: str, least: int, most: int) -> timedelta | None:
        return timedelta(days=self.number(name, 0, least, most)) or None

    def several(self, name: str, allowed: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        text = self.text(name, ",".join(default) or "none")
        given = () if text == "none" else tuple(part.strip() for part in text.split(","))
        if not set(given) <= set(allowed):
            self.problems.append(f"{name} is {text!r}, must be none or some of {', '.join(allowed)}")
        return given

    def address(self, name: str) -> str | None:
        """A socket: `unix:` and a path, or `tcp:` with host and port."""
        value = self.text(name, "")
        kind, _, rest = value.partition(":")
        host, _, port = rest.rpartition(":")
        is_port = port.isascii() and port.isdigit() and 1 <= int(port) <= 65535
        if value and not (kind == "unix" and rest.startswith("/")) and not (kind == "tcp" and host and is_port):
            self.problems.append(f"{name} is {value!r}, must be unix:/path or tcp:host:port")
        return value or None

    def flag(self, name: str, *, default: bool) -> bool:
        return self.choice(name, ("true", "false"), "true" if default else "false") == "true"

    def secret(self, name: str, minimum: int) -> str | None:
        value = self.environ.get(name, "")
        if value and len(value) < minimum:
            self.problems.append(f"{name} is shorter than {minimum} characters")
        return value or None

    def url(self, name: str, schemes: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        scheme = value.partition("://")[0].partition("+")[0]
        if "://" not in value or scheme not in schemes:
            # Never the value itself: it may carry a password.
            self.problems.append(f"{name} must begin with one of {', '.join(s + '://' for s in schemes)}")
        return value


def _single_sign_on(reader: _Reader) -> SingleSignOn | None:
    """Return the provider, None where there is none; a provider needs its other settings too."""
    issuer = reader.text("LIANBAN_OIDC_ISSUER", "").rstrip("/")
    client_id = reader.text("LIANBAN_OIDC_CLIENT_ID", "")
    client_secret = reader.text("LIANBAN_OIDC_CLIENT_SECRET", "")
    claim = reader.text("LIANBAN_OIDC_USERNAME_CLAIM", "preferred_username")
    if not issuer:
        return None
    if not issuer.startswith(("https://", "http://")):
        reader.problems.append("LIANBAN_OIDC_ISSUER must begin with https://")
    if not client_id or not client_secret:
        reader.problems.append("LIANBAN_OIDC_ISSUER needs LIANBAN_OIDC_CLIENT_ID and LIANBAN_OIDC_CLIENT_SECRET")
    return SingleSignOn(issuer, client_id, client_secret, claim)


_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_BUCKET_PREFIX = re.compile(r"[A-Za-z0-9._/-]{0,200}")


def _bucket(reader: _Reader) -> BucketSettings | None:
    """Return the bucket, None where attachments lie in the data folder; a bucket needs its keys too."""
    value = reader.text("LIANBAN_STORE", "")
    if not value:
        return None
    # Never the value itself in what is said: it may carry a password, which does not belong there.
    parts = urlsplit(value)
    given = dict(parse_qsl(parts.query))
    prefix, endpoint = parts.path.strip("/"), given.pop("endpoint", "").rstrip("/")
    region = given.pop("region", "us-east-1")
    if parts.scheme != "s3" or not _BUCKET_NAME.fullmatch(parts.netloc) or given or parts.fragment:
        reader.problems.append("LIANBAN_STORE must be s3://bucket/prefix?endpoint=https://…&region=…")
    if not _BUCKET_PREFIX.fullmatch(prefix) or "//" in prefix:
        reader.problems.append("LIANBAN_STORE: the prefix takes letters, digits and . _ / -")
    if endpoint and (not endpoint.startswith(("https://", "http://")) or "@" in endpoint):
        reader.problems.append("LIANBAN_STORE: the endpoint must begin with https://, and holds no credentials")
    access, secret = reader.text("AWS_ACCESS_KEY_ID", ""), reader.text("AWS_SECRET_ACCESS_KEY", "")
    if not access or not secret:
        reader.problems.append("LIANBAN_STORE needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    return BucketSettings(
        name=parts.netloc,
        prefix=f"{prefix}/" if prefix else "",
        endpoint=endpoint or None,
        region=region,
        access_key=access,
        secret_key=secret,
        session_token=reader.text("AWS_SESSION_TOKEN", "") or None,
    )


def _kept_secret(data_dir: Path) -> str:
    """Return the key kept in `data_dir`, making it when there is none.

    Raises:
        ConfigError: the folder cannot be written.
    """
    path = data_dir / "secret-key"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        draft = data_dir / f"secret-key.{os.getpid()}"
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(48))
            try:
                # A link never overwrites: of two processes that start together, both read the first one's key.
                os.link(draft, path)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        return path.read_text()
    except OSError as error:
        raise ConfigError((f"LIANBAN_DATA_DIR {str(data_dir)!r} cannot be used: {error.strerror}",)) from error
