"""Runs migrations on the connection that storage.migrate hands over."""

import importlib
import pkgutil

from alembic import context

import storage
from storage.database import Base

for module in pkgutil.iter_modules(storage.__path__):
    if not module.ispkg:
        importlib.import_module(f"storage.{module.name}")

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=False,
)
context.run_migrations()
