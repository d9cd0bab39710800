"""Everything in one command: set up, start, watch."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
from pathlib import Path

import click

from config import ROOT, Config
from webapp.supervisor.processes import Program, Supervisor

PROGRAMS = ("web", "worker", "beat")


def run_everything(config: Config) -> int:
    """Set the database up, then run web, worker and beat until SIGINT or SIGTERM; return the exit status."""
    if not port_is_free(config.host, config.port):
        click.echo(
            f"端口 {config.port} 已被占用，请用 --port 另选 · Port {config.port} is in use; choose another with --port",
            err=True,
        )
        return 1
    status = subprocess.run(_command("setup"), cwd=ROOT, check=False).returncode  # our own command
    if status:
        return status
    click.echo("▸ 启动服务 · Starting web, worker and beat")
    programs = [Program(name, _command(name)) for name in PROGRAMS]
    supervisor = Supervisor(programs, log_dir=config.log_dir, say=click.echo)
    status = supervisor.run(lambda: _announce(config))
    click.echo("已停止 · Stopped")
    return status


def port_is_free(host: str, port: int) -> bool:
    """Tell whether this process could listen on `host` and `port`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError:
        return False
    return True


def _command(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "webapp.cli", name)


def _announce(config: Config) -> bool:
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::", "") else config.host  # noqa: S104  # compared, not bound
    connection = http.client.HTTPConnection(host, config.port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        if connection.getresponse().status != 200:
            return False
    except OSError:
        return False
    finally:
        connection.close()
    click.echo(f"✓ 已就绪 · Ready: http://{host}:{config.port}/")
    _show_demo_password(config.demo_password_file)
    click.echo(f"  日志 · Logs: {config.log_dir}   停止 · Stop: Ctrl-C")
    return True


def _show_demo_password(path: Path) -> None:
    if path.exists():
        click.echo(f"  演示账号 · Demo accounts: jr.handler, cz.leader …   密码 · Password: {path.read_text()}")
