"""Roles, schema and revisions: brings a database to the revision that this version needs.

The only place that creates roles; everything else runs as one of them.
"""

from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from bookvalue.domain.errors import BookvalueError, SchemaNotReady
from bookvalue.storage.constraint_errors import translated
from bookvalue.storage.tables import SCHEMA

ROLES = [f"{SCHEMA}_{part}" for part in ("owner", "api", "planner", "worker")]
CREATE_SQL = {
    role: f"CREATE ROLE {role} NOLOGIN" + (" BYPASSRLS" if role.endswith("_worker") else "") for role in ROLES
}
GRANT_SQL = f"GRANT {', '.join(ROLES)} TO CURRENT_USER"
ROLE_SQL = ";\n".join([*CREATE_SQL.values(), GRANT_SQL]) + ";"
"""For an administrator, where the application's user may not create roles. BYPASSRLS may be left out where it cannot
be had: postings then go through temporary tables."""


class RolesMissing(BookvalueError):
    """The database has no roles for bookvalue and this user may not create them."""

    code = "roles_missing"
    remedy = f"have an administrator run, with the application's user in place of CURRENT_USER:\n{ROLE_SQL}"


def migrations_folder() -> Path:
    """The migrations: beside the installed package, or at the top of a checkout."""
    packaged = Path(str(files("bookvalue"))) / "migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    return config


def head() -> str:
    """The newest revision that this version ships."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(connection: Connection) -> str | None:
    """The revision of the database, or None where there is no schema yet."""
    context = MigrationContext.configure(connection, opts={"version_table_schema": SCHEMA})
    return context.get_current_revision()


def migrate(engine: Engine) -> tuple[str | None, str]:
    """Brings the database to the head revision; returns the revision before and after.

    Raises RolesMissing where the roles are not there and may not be created.
    """
    with translated(), engine.connect() as connection:
        _ensure_roles(connection)
        connection.commit()
        before = current(connection)
        connection.commit()
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    return before, head()


def require_head(engine: Engine) -> None:
    """Raises SchemaNotReady unless the database is at the head revision."""
    with translated(), engine.connect() as connection:
        found = current(connection)
    if found != head():
        raise SchemaNotReady(f"the schema is at revision {found or 'none'}, this version needs {head()}")


def _ensure_roles(connection: Connection) -> None:
    """Creates the roles that are missing and lets this user act as each; two migrators at once are kept apart."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('bookvalue roles'))"))
    rows = connection.execute(
        text("SELECT rolname, pg_has_role(rolname, 'MEMBER') AS member FROM pg_roles WHERE rolname = ANY (:names)"),
        {"names": ROLES},
    )
    member_of: dict[str, bool] = {row.rolname: row.member for row in rows}
    ready = len(member_of) == len(ROLES) and all(member_of.values())
    # From 16 on a member need not inherit: this user then has a role's rights only where it takes the role.
    may_not_inherit = connection.dialect.server_version_info >= (16,)  # type: ignore[operator]
    grant = f"{GRANT_SQL} WITH INHERIT FALSE, SET TRUE" if may_not_inherit else GRANT_SQL
    try:
        for role, statement in CREATE_SQL.items():
            if role not in member_of:
                connection.execute(text(statement))
        if not ready:
            connection.execute(text(grant))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {SCHEMA}_owner"))
    except ProgrammingError as error:
        if ready:
            raise
        raise RolesMissing("the database roles are missing and this user may not create them") from error
