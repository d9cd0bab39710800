#!/usr/bin/env python3
"""Set up and start 联办 Lianban: `python3 run.py`.

    python3 run.py [run] [--port N] [--host H] [--data-dir DIR]    set up, start, print the address
    python3 run.py test [arguments for pytest]                     the whole test suite
    python3 run.py bench | backup FILE | restore FILE | check | setup

Uses the standard library only, and no syntax newer than Python 3.6, so that an old Python can still say what is wrong.
"""

import contextlib
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
NODE_VENV = os.path.join(VENV, "node")
BUILD = os.path.join(ROOT, "webapp", "static", "build")
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
COMMANDS = (
    "run",
    "setup",
    "test",
    "bench",
    "backup",
    "restore",
    "check",
    "reindex",
    "web",
    "worker",
    "beat",
    "audit",
    "calendar",
    "account",
    "makemigration",
)
NEEDS_TOOLS = ("test", "bench")
"""Commands that need the development dependencies."""
NEEDS_PAGES = ("run", "web", "test", "bench")
"""Commands that need the front end built."""


class Refusal(Exception):
    """The machine is not as needed; the message is the one line to show."""


def main(arguments):
    """Set up what the command needs, then become that command."""
    try:
        check_python()
        command, settings, rest = read_arguments(arguments)
        check_data_dir(settings["LIANBAN_DATA_DIR"])
        if command == "run":
            check_port(settings["LIANBAN_HOST"], settings["LIANBAN_PORT"])
        with only_one():
            prepare_python("requirements-dev.lock" if command in NEEDS_TOOLS else "requirements.lock")
            if command in NEEDS_PAGES:
                build_front_end()
            if command in NEEDS_TOOLS:
                tools = os.path.join(ROOT, "tests", "tools")
                install_packages(tools, "安装测试工具（按锁定版本）", "Installing the locked test tools")
    except Refusal as refusal:
        print("✗ %s" % refusal, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    os.environ.update(settings)
    os.chdir(ROOT)
    sys.stdout.flush()
    python = venv_python(VENV)
    # Become the command instead of waiting for it: one process less, and signals reach it without a go-between.
    return os.execv(python, [python, "-m", "webapp.cli", command, *rest])


def read_arguments(arguments):
    """Return the command, the settings its options stand for, and what is left for the command itself."""
    command = "run"
    if arguments and not arguments[0].startswith("-"):
        command, arguments = arguments[0], arguments[1:]
    if command not in COMMANDS:
        raise Refusal("没有命令 %s · No command %s; there are: %s" % (command, command, " ".join(COMMANDS)))
    if command == "run" and ("-h" in arguments or "--help" in arguments):
        print(__doc__)
        sys.exit(0)
    options = {"--port": "LIANBAN_PORT", "--host": "LIANBAN_HOST", "--data-dir": "LIANBAN_DATA_DIR"}
    settings = {
        "LIANBAN_PORT": os.environ.get("LIANBAN_PORT", "8000"),
        "LIANBAN_HOST": os.environ.get("LIANBAN_HOST", "127.0.0.1"),
        "LIANBAN_DATA_DIR": os.environ.get("LIANBAN_DATA_DIR", os.path.join(ROOT, "var")),
    }
    rest, waiting = [], list(arguments)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if name in options:
            if not equals and not waiting:
                raise Refusal("%s 缺少取值 · %s needs a value" % (name, name))
            settings[options[name]] = value if equals else waiting.pop(0)
        elif command == "run":
            raise Refusal("无此选项 · No such option: %s" % word)
        else:
            rest.append(word)
    settings["LIANBAN_DATA_DIR"] = os.path.abspath(os.path.expanduser(settings["LIANBAN_DATA_DIR"]))
    return command, settings, rest


def check_python():
    """Refuse a Python that is too old or cannot make a private environment."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        have, need = "%d.%d" % sys.version_info[:2], "%d.%d" % OLDEST_PYTHON
        raise Refusal(
            "需要 Python %s 以上，当前为 %s · Python %s or newer is needed, this is %s" % (need, have, need, have)
        )
    if is_stamped(VENV, "environment", digest([])):
        return
    for module in ("venv", "ensurepip"):
        try:
            __import__(module)
        except ImportError:
            raise Refusal(
                "此 Python 缺少 %s，请先安装（Debian/Ubuntu：apt install python3-venv） · "
                "This Python has no %s; install it first (Debian/Ubuntu: apt install python3-venv)" % (module, module)
            ) from None


def check_data_dir(folder):
    """Refuse a data folder that cannot be written."""
    try:
        os.makedirs(folder, exist_ok=True)
        probe = os.path.join(folder, ".writable-%d" % os.getpid())
        with open(probe, "w"):
            pass
        os.unlink(probe)
    except OSError as error:
        raise Refusal(
            "数据目录不可写：%s · The data folder cannot be written: %s (%s)" % (folder, folder, error.strerror)
        ) from None


def check_port(host, port):
    """Refuse a port that is no port or is in use."""
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        raise Refusal("端口应为 1–65535：%s · The port must be 1–65535, not %s" % (port, port))
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), 0, socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Refusal(
            "端口 %s 不可用，请用 --port 另选 · Port %s on %s cannot be used (%s); choose another with --port"
            % (port, port, host, error.strerror)
        ) from None


@contextlib.contextmanager
def only_one():
    """Let one set-up at a time work on this checkout; the second waits and then finds everything done."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        os.makedirs(VENV, exist_ok=True)
        lock = open(os.path.join(VENV, "lock"), "w")  # noqa: SIM115  # closed below
    except OSError as error:
        raise Refusal(
            "程序目录不可写 · The program's folder cannot be written: %s (%s)" % (VENV, error.strerror)
        ) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_python(lock_name):
    """Make the private environment and install what `lock_name` pins, unless that has been done."""
    lock = os.path.join(ROOT, lock_name)
    # The two locks agree on everything they share: the larger one serves for both.
    wider = os.path.join(ROOT, "requirements-dev.lock")
    if any(is_stamped(VENV, path, digest([path])) for path in {lock, wider}):
        return
    if not is_stamped(VENV, "environment", digest([])):
        with step("建立专用环境", "Making a private environment"):
            call([sys.executable, "-m", "venv", "--clear", VENV])
        stamp(VENV, "environment", digest([]))
    with step("安装依赖（按锁定版本）", "Installing the locked dependencies"):
        install(VENV, lock)
    stamp(VENV, lock, digest([lock]))


def build_front_end():
    """Build scripts and style sheets, unless the result is that of the present sources."""
    if not os.path.exists(os.path.join(ROOT, "package.json")):
        return
    sources = [os.path.join(ROOT, name) for name in ("package.json", "package-lock.json")]
    for folder, _, names in os.walk(os.path.join(ROOT, "webapp", "assets")):
        sources += [os.path.join(folder, name) for name in names]
    sources.sort()
    if is_stamped(BUILD, "front-end", digest(sources)):
        return
    install_packages(ROOT, "安装前端依赖（按锁定版本）", "Installing the locked front-end packages")
    with step("构建前端", "Building the front end"):
        call(["npm", "run", "build", "--silent"], node_environment())
    stamp(BUILD, "front-end", digest(sources))


def install_packages(folder, zh, en):
    """Install what the `package-lock.json` of a folder pins, unless that has been done."""
    packages = [os.path.join(folder, "package-lock.json")]
    modules = os.path.join(folder, "node_modules")
    if is_stamped(modules, "packages", digest(packages)):
        return
    environ = node_environment()
    with step(zh, en):
        call(["npm", "ci", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts"], environ)
    stamp(modules, "packages", digest(packages))


def node_environment():
    """Return an environment in which `npm` is found: the machine's, or one of our own."""
    if shutil.which("npm") and node_version() >= OLDEST_NODE:
        return dict(os.environ)
    lock = os.path.join(ROOT, "requirements-node.lock")
    if not is_stamped(NODE_VENV, lock, digest([lock])):
        with step("安装 Node.js（本机没有）", "Installing Node.js (none on this machine)"):
            call([venv_python(VENV), "-m", "venv", NODE_VENV])
            install(NODE_VENV, lock)
        stamp(NODE_VENV, lock, digest([lock]))
    scripts = os.path.dirname(venv_python(NODE_VENV))
    return dict(os.environ, PATH=scripts + os.pathsep + os.environ.get("PATH", os.defpath))


def node_version():
    """Return the major version of the machine's Node, 0 if there is none."""
    try:
        said = subprocess.check_output(["node", "--version"], stderr=subprocess.DEVNULL).decode()
        return int(said.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.CalledProcessError):
        return 0


def install(venv, lock):
    """Install exactly what `lock` pins, each file checked against its hash.

    Without resolving: the lock is complete, and a resolver that meets `name[extra]` in some package looks at releases
    newer than the locked one and then stops because they have no hash.
    """
    pip = [venv_python(venv), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    call([*pip, "install", "--no-deps", "--require-hashes", "-r", lock])
    call([*pip, "check"])


def call(command, environ=None):
    """Run a command of the set-up; its words are shown only if it fails."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as error:
        raise Refusal("无法运行 %s · Cannot run %s (%s)" % (command[0], command[0], error.strerror)) from None
    if done.returncode:
        sys.stderr.write("\n" + done.stdout.decode("utf-8", "replace"))
        shown = os.path.basename(command[0]) + " " + " ".join(command[1:4])
        raise Refusal("上一步失败，原因见上 · That step failed, see above: %s" % shown)


@contextlib.contextmanager
def step(zh, en):
    """Name a step while it runs, and say how long it took."""
    started = time.time()
    sys.stdout.write("▸ %s · %s … " % (zh, en))
    sys.stdout.flush()
    yield
    print("%.0f s" % (time.time() - started))


def digest(paths):
    """Return a hash over names and contents of files, and over the Python that would use them."""
    total = hashlib.sha256(("%d.%d" % sys.version_info[:2]).encode())
    for path in paths:
        total.update(os.path.relpath(path, ROOT).encode() + b"\0")
        with open(path, "rb") as file:
            total.update(hashlib.sha256(file.read()).digest())
    return total.hexdigest()


def stamp_path(folder, subject):
    """Return where the stamp of `subject` lies in `folder`."""
    return os.path.join(folder, ".%s.stamp" % os.path.basename(subject))


def is_stamped(folder, subject, value):
    """Tell whether `subject` was finished in `folder` from just these sources."""
    try:
        with open(stamp_path(folder, subject)) as file:
            return file.read() == value
    except OSError:
        return False


def stamp(folder, subject, value):
    """Note that `subject` is finished; written last, so that a start that was broken off does the step again."""
    with open(stamp_path(folder, subject), "w") as file:
        file.write(value)


def venv_python(venv):
    """Return the path of the Python in a private environment."""
    return os.path.join(venv, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))


if __name__ == "__main__":
    # Chinese must not fail on a terminal that says it knows only ASCII.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(main(sys.argv[1:]))
