"""The words in which tables are described: columns of a kind, and `scoped()`, which gives a table its environment.

Its primary key is (environment_id, id), every reference is composite, and so the database itself refuses a row of one
environment that points into another.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def moment(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)  # milliseconds, storage/times.py


def blob(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean(create_constraint=False), nullable=False)


def scoped(name: str, *items: SchemaItem, key: tuple[str, ...] = ("id",)) -> Table:
    """A table whose rows belong to an environment."""
    return Table(
        name,
        metadata,
        Column("environment_id", Text, ForeignKey("environments.id", ondelete="CASCADE"), nullable=False),
        *items,
        PrimaryKeyConstraint("environment_id", *key),
        info={"scoped": True},
    )


def belongs(column: str, to: str) -> ForeignKeyConstraint:
    """A reference inside the environment; the row goes when the other one goes."""
    return ForeignKeyConstraint(["environment_id", column], [f"{to}.environment_id", f"{to}.id"], ondelete="CASCADE")
