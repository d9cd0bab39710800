"""Runs migrations on the connection that `webapp.schema` hands over."""

from alembic import context

from webapp.models import Base, load_models
from webapp.schema import compare_options

load_models()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
    **compare_options(),
)
with context.begin_transaction():
    context.run_migrations()
