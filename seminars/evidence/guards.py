"""What the database itself refuses: a presence event, a sealed sheet, a certificate is never changed, replaced or
deleted.

Exceptions, as narrow as they can be said: erasure may take who somebody was (a reference becomes NULL, a sealed sheet
loses `people`, a certificate its facts), a certificate is withdrawn once, and the events of a condensed session may go.
Whoever may drop a trigger can get round them: that is what exported seals are for. They are down while the database
migrates (SQLite builds a table anew to alter it, and triggers with it); `missing` says what is not up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Guard:
    """One table: columns that never change, references that may only become NULL, and when its rows may go."""

    table: str
    kept: Sequence[str]
    may_empty: Sequence[str]
    may_go: str
    """Condition in SQL on the old row, `OLD.`; `FALSE`: never."""
    unique: Sequence[Sequence[str]]
    """Keys that no new row may share with an old one: SQLite would let `INSERT OR REPLACE` take its place."""
    and_not: str = ""
    """A condition in SQL more under which a change is refused; on `OLD.` and `NEW.`, `@` for the cast to text."""


EVENTS = Guard(
    "seminars_presenceevent",
    (
        "id",
        "session_id",
        "seq",
        "kind",
        "source",
        "subject",
        "slot_id",
        "author_subject",
        "connection",
        "at",
        "recorded_at",
        "reason",
        "data",
        "prev_hash",
        "hash",
    ),
    ("person_id", "author_id"),
    "EXISTS (SELECT 1 FROM seminars_session WHERE id = OLD.session_id AND condensed_at IS NOT NULL)",
    (("id",), ("session_id", "seq")),
)
SHEETS = Guard(
    "seminars_sealedsheet",
    (
        "id",
        "session_id",
        "version",
        "project",
        "number",
        "code",
        "sealed_at",
        "count",
        "head",
        "reason",
        "content",
        "digest",
        "previous",
        "supersedes",
        "seal_hash",
        "public_key",
        "signature",
    ),
    ("sealed_by_id",),
    "FALSE",
    (("id",), ("code",), ("session_id", "version"), ("project", "number")),
)
CERTIFICATES = Guard(
    "seminars_certificate",
    (
        "id",
        "number",
        "issue",
        "code",
        "kind",
        "language",
        "session_id",
        "scheme_id",
        "digest",
        "issued_at",
        "public_key",
        "signature",
    ),
    ("person_id", "issued_by_id"),
    "FALSE",
    (("id",), ("code",), ("number", "issue")),
    "(NEW.facts@ <> OLD.facts@ AND NEW.facts@ <> '{}')"
    " OR (OLD.withdrawn_at IS NOT NULL AND (NEW.withdrawn_at IS NULL OR NEW.withdrawn_at <> OLD.withdrawn_at))"
    " OR (NEW.reason <> OLD.reason AND NOT (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL))",
)
GUARDS = (EVENTS, SHEETS, CERTIFICATES)


def _same(guard: Guard, vendor: str) -> str:
    """That only what may change does."""
    differs, text = ("IS DISTINCT FROM", "::text") if vendor == "postgresql" else ("IS NOT", "")
    changed = [f"NEW.{name}{text} {differs} OLD.{name}{text}" for name in guard.kept]
    renamed = [f"(NEW.{name} IS NOT NULL AND NEW.{name} {differs} OLD.{name})" for name in guard.may_empty]
    more = [guard.and_not.replace("@", text)] if guard.and_not else []
    return " OR ".join(changed + renamed + more)


def triggers(guard: Guard, vendor: str) -> dict[str, str]:
    """The statement that makes each trigger of a guard, by its name."""
    return _postgresql(guard) if vendor == "postgresql" else _sqlite(guard)


def _sqlite(guard: Guard) -> dict[str, str]:
    table, may_go = guard.table, guard.may_go.replace("FALSE", "0")
    taken = " OR ".join(
        "(" + " AND ".join(f"{name} = NEW.{name}" for name in key) + ")" for key in guard.unique
    )
    return {
        f"{table}_unchanged": f"CREATE TRIGGER {table}_unchanged BEFORE UPDATE ON {table}"
        f" WHEN {_same(guard, 'sqlite')} BEGIN SELECT RAISE(ABORT, '{table}: rows are never changed'); END",
        f"{table}_undeleted": f"CREATE TRIGGER {table}_undeleted BEFORE DELETE ON {table}"
        f" WHEN NOT ({may_go}) BEGIN SELECT RAISE(ABORT, '{table}: rows are never deleted'); END",
        f"{table}_unreplaced": f"CREATE TRIGGER {table}_unreplaced BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})"
        f" BEGIN SELECT RAISE(ABORT, '{table}: rows are never replaced'); END",
    }


def _body(guard: Guard) -> str:
    """Of the function that both triggers of PostgreSQL call."""
    table = guard.table
    return (
        f" BEGIN IF TG_OP = 'TRUNCATE' THEN RAISE EXCEPTION '{table}: rows are never deleted'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        f" IF TG_OP = 'DELETE' THEN IF {guard.may_go} THEN RETURN OLD; END IF;"
        f" RAISE EXCEPTION '{table}: rows are never deleted'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        f" IF {_same(guard, 'postgresql')} THEN RAISE EXCEPTION '{table}: rows are never changed'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END "
    )


def _postgresql(guard: Guard) -> dict[str, str]:
    table = guard.table
    return {
        f"{table}_kept": f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION {table}_guard()",
        f"{table}_whole": f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()",
    }


def installed(vendor: str, tables: Iterable[str] | None = None) -> list[str]:
    """Statements that put the guards up; they may be there already. `tables`: those that there are, where not all."""
    found = removed(vendor)
    for guard in GUARDS:
        if tables is not None and guard.table not in tables:
            continue
        if vendor == "postgresql":
            found.append(
                f"CREATE FUNCTION {guard.table}_guard() RETURNS trigger LANGUAGE plpgsql AS $${_body(guard)}$$"
            )
        found += triggers(guard, vendor).values()
    return found


def removed(vendor: str) -> list[str]:
    """Statements that take the guards down, whether they are there or not."""
    found = []
    for guard in GUARDS:
        on = f" ON {guard.table}" if vendor == "postgresql" else ""
        found += [f"DROP TRIGGER IF EXISTS {name}{on}" for name in triggers(guard, vendor)]
        if vendor == "postgresql":
            found.append(f"DROP FUNCTION IF EXISTS {guard.table}_guard()")
    return found


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers that are not up as they should be: absent, switched off, or of another wording. Empty before
    the first migration."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D'"
            )
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        up = dict(cursor.fetchall())
    return [
        name
        for guard in GUARDS
        if guard.table in tables
        for name, statement in triggers(guard, connection.vendor).items()
        if up.get(name) != (_body(guard) if connection.vendor == "postgresql" else statement)
    ]


def put_up(connection: BaseDatabaseWrapper) -> None:
    """All guards of the tables that there are."""
    if missing(connection):
        _run(connection, installed(connection.vendor, set(connection.introspection.table_names())))


def take_down(connection: BaseDatabaseWrapper) -> None:
    _run(connection, removed(connection.vendor))


def _run(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
