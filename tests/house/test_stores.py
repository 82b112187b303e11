"""Stores hold every statement, and none that walks around the guard: lock 1 and the bans of lock 2."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Banned wherever they stand: as a name, an attribute or an import.
BANNED = {
    "literal_column": "SQL as text escapes the guard's criteria",
    "exec_driver_sql": "SQL as text escapes the guard's criteria",
    "get_bind": "an engine lends connections without a guard",
    "connection": "a connection reads without a guard",
    "connect": "a connection reads without a guard",
    "create_engine": "a connection reads without a guard",
    "sessionmaker": "the session is the access's",
    "Session": "the session is the access's",
    "refresh": "a refresh reads without the filter",
    "get_one": "the identity map answers without the filter",
    "from_statement": "a statement as text or Core fills protected rows",
    "__table__": "Core statements carry no criteria",
}
# Banned as a call or an import: ordinary words otherwise.
BANNED_CALLS = {
    "text": "SQL as text escapes the guard's criteria",
    "insert": "Core writes skip the flush check",
    "update": "Core writes skip the flush check",
    "delete": "Core writes skip the flush check",
    "table": "Core statements carry no criteria",
    "union": "compound statements carry no criteria",
    "union_all": "compound statements carry no criteria",
}
# Banned as methods of the session only.
BANNED_ON_SESSION = {
    "get": "the identity map answers without the filter",
    "merge": "it looks into the identity map first",
    "query": "the legacy query is not seen by the guard",
    "bind": "an engine lends connections without a guard",
}
SQL_PACKAGES = ("sqlalchemy", "sqlmodel")


def is_session(node: ast.expr, aliases: set[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name == "session" or name in aliases
        case ast.Attribute(attr="session"):
            return True
    return False


def aliases_of(tree: ast.Module) -> set[str]:
    """Return names that are bound to a session somewhere in the file."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_session(value, found):
                found.add(name)
            case ast.NamedExpr(target=ast.Name(id=name), value=value) if is_session(value, found):
                found.add(name)
            case ast.withitem(context_expr=value, optional_vars=ast.Name(id=name)) if is_session(value, found):
                found.add(name)
    return found


def _imports(node: ast.ImportFrom) -> Iterator[str]:
    if (node.module or "").split(".")[0] in SQL_PACKAGES:
        for alias in node.names:
            if alias.name in BANNED or alias.name in BANNED_CALLS or alias.name == "*":
                yield alias.name


def _words(node: ast.AST, aliases: set[str]) -> Iterator[str]:
    match node:
        case ast.ImportFrom():
            yield from _imports(node)
        case ast.Name(id=word) | ast.Attribute(attr=word) if word in BANNED or word.startswith("bulk_"):
            yield word
        case ast.Attribute(value=owner, attr=word) if word in BANNED_ON_SESSION and is_session(owner, aliases):
            yield f"session.{word}"
        case ast.Call(func=ast.Name(id="getattr"), args=[owner, *_]) if is_session(owner, aliases):
            yield "getattr"
        case ast.Call(func=ast.Name(id=word)) if word in BANNED_CALLS:
            yield word
        case ast.Call(func=ast.Attribute(value=owner, attr=word)) if word in BANNED_CALLS:
            # `session.delete(row)` is the unit of work, which the flush check sees.
            if not (word == "delete" and is_session(owner, aliases)):
                yield word


def forbidden(source: str) -> list[str]:
    """Return the words of a store that walk around the guard."""
    tree = ast.parse(source)
    aliases = aliases_of(tree)
    return [word for node in ast.walk(tree) for word in _words(node, aliases)]


def without_access(source: str) -> list[str]:
    """Return the functions of a store whose first argument is not `access: Access`."""
    tree = ast.parse(source)
    inside = [item for node in tree.body if isinstance(node, ast.ClassDef) for item in node.body]
    found = []
    for node in (*tree.body, *inside):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = [*node.args.posonlyargs, *node.args.args][:1]
            if not first or first[0].arg != "access" or not _is_access(first[0].annotation):
                found.append(node.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found.append("lambda")
    return found


def _is_access(annotation: ast.expr | None) -> bool:
    match annotation:
        case ast.Name(id="Access") | ast.Constant(value="Access"):
            return True
    return False


def stores() -> list[Path]:
    package = ROOT / "src" / "tracing"
    return sorted([*package.glob("*/store.py"), *package.glob("*/*_store.py")])


class TestStores:
    def test_there_are_some(self) -> None:
        assert stores()

    def test_say_nothing_that_walks_around_the_guard(self) -> None:
        said = {str(path.relative_to(ROOT)): forbidden(path.read_text(encoding="utf-8")) for path in stores()}
        assert {name: words for name, words in said.items() if words} == {}

    def test_every_function_takes_the_access_first(self) -> None:
        said = {str(path.relative_to(ROOT)): without_access(path.read_text(encoding="utf-8")) for path in stores()}
        assert {name: functions for name, functions in said.items() if functions} == {}


class TestPlantedFaults:
    @pytest.mark.parametrize(
        ("code", "word"),
        [
            ("from sqlalchemy import text", "text"),
            ("from sqlalchemy import text as words", "text"),
            ("import sqlalchemy as sa\nsa.text('1')", "text"),
            ("select(Row).where(text('1=1'))", "text"),
            ("from sqlmodel.sql.expression import literal_column", "literal_column"),
            ("sa.literal_column('1')", "literal_column"),
            ("access.session.get_bind()", "get_bind"),
            ("access.session.connection()", "connection"),
            ("access.session.bind.connect()", "connect"),
            ("access.session.bulk_insert_mappings(Row, rows)", "bulk_insert_mappings"),
            ("access.session.bulk_save_objects(rows)", "bulk_save_objects"),
            ("access.session.get(Row, key)", "session.get"),
            ("session = access.session\nsession.get(Row, key)", "session.get"),
            ("s = access.session\ns.get(Row, key)", "session.get"),
            ("(s := access.session).add(row)\ns.get(Row, key)", "session.get"),
            ("getattr(access.session, 'g' + 'et')(Row, key)", "getattr"),
            ("access.session.get_one(Row, key)", "get_one"),
            ("access.session.merge(row)", "session.merge"),
            ("access.session.query(Row)", "session.query"),
            ("access.session.refresh(row)", "refresh"),
            ("access.session.execute(insert(Row).values(rows))", "insert"),
            ("access.session.execute(Row.__table__.select())", "__table__"),
            ("access.session.execute(update(Row))", "update"),
            ("from sqlalchemy import delete", "delete"),
            ("access.session.execute(union_all(one, two))", "union_all"),
            ("select(One).union(select(Two))", "union"),
            ("select(Row).from_statement(words)", "from_statement"),
            ("from sqlmodel import Session", "Session"),
            ("from sqlalchemy import *", "*"),
        ],
    )
    def test_a_way_around_the_guard_is_found(self, code: str, word: str) -> None:
        assert word in forbidden(code)

    @pytest.mark.parametrize(
        "code",
        [
            "access.session.exec(select(Row).where(Row.id == key)).one_or_none()",
            "access.session.add(row)\naccess.session.flush()",
            "access.session.delete(row)",
            "words = {}\nwords.get('a')",
            "row.text = body",
            "from sqlmodel import col, select",
        ],
    )
    def test_an_ordinary_statement_is_not(self, code: str) -> None:
        assert forbidden(code) == []

    @pytest.mark.parametrize(
        ("code", "name"),
        [
            ("def find(session: Session) -> Row: ...", "find"),
            ("def find(key: UUID, access: Access) -> Row: ...", "find"),
            ("def find(access) -> Row: ...", "find"),
            ("def find(access: object) -> Row: ...", "find"),
            ("def find() -> Row: ...", "find"),
            ("def find(*, access: Access) -> Row: ...", "find"),
            ("async def find(key: UUID) -> Row: ...", "find"),
            ("class Store:\n    def find(self) -> Row: ...", "find"),
            ("find = lambda access: None", "lambda"),
        ],
    )
    def test_a_function_without_the_access_is_found(self, code: str, name: str) -> None:
        assert without_access(code) == [name]

    def test_a_function_with_it_is_not(self) -> None:
        assert without_access("def find(access: Access, key: UUID) -> Row: ...") == []
