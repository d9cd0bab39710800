"""The command `lianban`: start, serve, set up, keep copies, check.

Each sub-command loads what it needs when it is called, so that those which only start others stay small.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from config import Config, ConfigError

UNUSABLE = 78
"""Exit status for settings that cannot be used (EX_CONFIG)."""


def settings() -> Config:
    """Return the settings, or end the command with one line for each that is wrong."""
    try:
        return Config.from_env()
    except ConfigError as error:
        for problem in error.problems:
            click.echo(f"设置有误 · Bad setting: {problem}", err=True)
        sys.exit(UNUSABLE)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--data-dir", type=click.Path(file_okay=False), help="Folder of the data (LIANBAN_DATA_DIR).")
def main(data_dir: str | None) -> None:
    """联办 Lianban: case management for many agencies."""
    if data_dir:
        os.environ["LIANBAN_DATA_DIR"] = data_dir


@main.command()
@click.option("--host", help="Address to listen on (LIANBAN_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (LIANBAN_PORT).")
def run(host: str | None, port: int | None) -> None:
    """Set up, then run web, worker and beat until stopped."""
    _set("LIANBAN_HOST", host)
    _set("LIANBAN_PORT", port)
    from webapp.commands.run import run_everything

    sys.exit(run_everything(settings()))


@main.command()
@click.option("--host", help="Address to listen on (LIANBAN_HOST).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (LIANBAN_PORT).")
def web(host: str | None, port: int | None) -> None:
    """Serve pages and API (embedded server; scaled out, use gunicorn with webapp.wsgi)."""
    _set("LIANBAN_HOST", host)
    _set("LIANBAN_PORT", port)
    from webapp.commands.serve import serve_web

    serve_web(settings())


@main.command()
@click.option("--queues", help="Queues to serve, separated by commas; all unless given.")
def worker(queues: str | None) -> None:
    """Do jobs."""
    from webapp.commands.serve import serve_jobs

    serve_jobs(settings(), queues=queues)


@main.command()
def beat() -> None:
    """Send the sweeps; any number may run, one at a time is at work."""
    from webapp.commands.serve import serve_beat

    serve_beat(settings())


@main.command()
def setup() -> None:
    """Bring the database up to date and load the policy; in development, demo accounts too."""
    from webapp.commands.setup import set_up

    set_up(settings(), say=click.echo)


@main.command()
def check() -> None:
    """Refuse an unsafe production set-up, naming each reason."""
    from webapp.commands.check import reasons

    found = reasons(settings())
    for reason in found:
        click.echo(f"✗ {reason.zh} · {reason.en}")
    if not found:
        click.echo("✓ 可以投入使用 · Safe to put into service")
    sys.exit(1 if found else 0)


@main.command()
@click.option("--missing", is_flag=True, help="Only cases that are not indexed yet.")
def reindex(missing: bool) -> None:
    """Rebuild the index that cases are searched by; everything may keep running."""
    from webapp.commands.reindex import rebuild

    count = rebuild(settings(), missing=missing, say=click.echo)
    click.echo(f"✓ 已建立索引 · Indexed: {count} 件 cases")


@main.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--incomplete", is_flag=True, help="Write it even where papers are missing or damaged.")
def backup(target: Path, incomplete: bool) -> None:
    """Write database and materials to the file TARGET (.tar.gz)."""
    from webapp.commands.backup import write_backup
    from webapp.commands.copies import BackupError

    try:
        written = write_backup(settings(), target, incomplete=incomplete)
    except (BackupError, OSError) as error:
        raise click.ClickException(f"未能备份 · Not backed up: {error}") from error
    for paper in written.lacking:
        click.echo(f"备份不含 · Not in the copy: {paper}", err=True)
    click.echo(f"已备份 · Backed up: {target} ({written.size:,} bytes)")


@main.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a database that is not empty.")
def restore(source: Path, force: bool) -> None:
    """Bring back what `backup` wrote to the file SOURCE; everything must be stopped."""
    from webapp.commands.copies import BackupError
    from webapp.commands.restore import read_backup

    try:
        read_backup(settings(), source, force=force)
    except (BackupError, OSError) as error:
        raise click.ClickException(f"未能恢复 · Not restored: {error}") from error
    click.echo(f"已恢复 · Restored: {source}")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run the whole test suite; ARGUMENTS go to pytest and then only pytest runs."""
    from webapp.commands.test import run_tests

    sys.exit(run_tests(arguments, say=click.echo))


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """Measure speed and size against the bars."""
    from webapp.commands.bench import run_bench

    sys.exit(run_bench(arguments))


@main.group()
def audit() -> None:
    """The audit chain."""


@audit.command("verify")
def audit_verify() -> None:
    """Check every chain from its first entry; exit status 1 if one is broken."""
    from webapp.commands.audit import verify_chains

    sys.exit(verify_chains(settings(), say=click.echo))


@main.group()
def account() -> None:
    """People and their posts."""


@account.command("add")
@click.argument("username")
@click.option("--agency", required=True, help="Code of the agency, such as JR.")
@click.option("--post", required=True, help="clerk, handler, reviewer, leader, supervisor, applicant, system_admin …")
@click.option("--name", required=True, help="The person's name.")
@click.option("--name-en", help="The name in Latin letters; the name itself unless given.")
def account_add(username: str, agency: str, post: str, name: str, name_en: str | None) -> None:
    """Add an account with a post of its own, and print its password once."""
    from webapp.commands.account import AccountError, add

    try:
        password = add(settings(), username, agency_code=agency, post=post, name_zh=name, name_en=name_en or name)
    except AccountError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"✓ 已添加 · Added: {username}   密码 · Password: {password}")


@main.group()
def calendar() -> None:
    """The working calendar."""


@calendar.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Load without asking.")
def calendar_load(file: Path, yes: bool) -> None:
    """Load the holiday notice in FILE (TOML, see docs/guide.md) as a new version, after showing what it changes."""
    from webapp.commands.calendar import NoticeError, load
    from workflows.cases.calendar_loading import CalendarPreview

    def confirm(preview: CalendarPreview) -> bool:
        for change in preview.draft.changes:
            was, now = ("上班 · worked" if worked else "休息 · off" for worked in change.worked)
            click.echo(f"  {change.on}  {was} → {now}  {change.name}")
        for year in preview.draft.new_years:
            click.echo(f"  {year}  暂定 → 已公布 · provisional → published")
        click.echo(f"重算在办任务、办件期限 · Open limits counted anew: {preview.tasks} + {preview.cases}")
        return yes or click.confirm("载入 · Load?")

    try:
        number = load(settings(), file, confirm=confirm)
    except NoticeError as error:
        raise click.ClickException(str(error)) from error
    click.echo("未载入 · Nothing loaded" if number is None else f"✓ 已载入第{number}版 · Loaded version {number}")


@main.command()
@click.argument("message")
@click.option("--again", is_flag=True, help="Write the single first migration anew, before the first release only.")
def makemigration(message: str, again: bool) -> None:
    """Write a migration from what the tables in the program have become."""
    from webapp.commands.makemigration import make_migration

    click.echo(make_migration(message, again=again))


def _set(name: str, value: object) -> None:
    if value is not None:
        os.environ[name] = str(value)


if __name__ == "__main__":
    main()
