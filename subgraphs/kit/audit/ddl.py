"""What the audit trail needs in a database: its tables, the triggers that note changes, and their refusals.

It is attached after every upgrade rather than by a revision: tables that revisions of any domain add are
covered without their knowing, which is what an audit trail is for.
"""

from __future__ import annotations

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, CreateTable

from subgraphs.kit.tables import AuditChainRow, AuditChangeRow, AuditEntryRow, KitTable

CHANGES_MAX = 200
"""Rows of one transaction that are kept before and after; the others are counted."""
ENTRY_SETTING = "zellige.audit_entry"
COUNT_SETTING = "zellige.audit_changes"

NOTE_CHANGE = f"""
CREATE OR REPLACE FUNCTION audit_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE noted integer := current_setting('{COUNT_SETTING}')::integer;
BEGIN
  PERFORM set_config('{COUNT_SETTING}', (noted + 1)::text, true);
  IF noted < {CHANGES_MAX} THEN
    INSERT INTO audit_changes (entry_id, table_name, key_columns, before, after) VALUES (
      current_setting('{ENTRY_SETTING}')::uuid, TG_TABLE_NAME, TG_ARGV[0],
      CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
      CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
  END IF;
  RETURN NULL;
END $$
"""  # noqa: S608 - of constants

REFUSE = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege';
END $$
"""

APPEND_ONLY = """
CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
"""

# A transaction outside of an audited mutation pays one look at a setting per row.
WATCH_TABLES = f"""
DO $$
DECLARE watched record;
BEGIN
  FOR watched IN
    SELECT c.oid, c.relname, string_agg(a.attname, ',' ORDER BY a.attnum) AS key_columns
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> ALL ({{untouched}})
      AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'audit_note_change')
    GROUP BY c.oid, c.relname
  LOOP
    EXECUTE format(
      'CREATE TRIGGER audit_note_change AFTER INSERT OR UPDATE OR DELETE ON %I FOR EACH ROW '
      'WHEN (current_setting(''{ENTRY_SETTING}'', true) <> '''') EXECUTE FUNCTION audit_note_change(%L)',
      watched.relname, coalesce(watched.key_columns, ''));
  END LOOP;
END $$
"""  # noqa: S608 - of constants


async def attach_audit_trail(connection: AsyncConnection) -> None:
    """Creates what is missing; on a database that has it all, changes nothing."""
    for row_class in (AuditChainRow, AuditEntryRow, AuditChangeRow):
        table = row_class.__table__
        assert isinstance(table, Table), "each row class has a table of its own"
        await connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            await connection.execute(CreateIndex(index, if_not_exists=True))
    untouched = ", ".join(f"'{name}'" for name in ("alembic_version", *KitTable.metadata.tables))
    watch = WATCH_TABLES.format(untouched=f"ARRAY[{untouched}]::name[]")
    for statement in (NOTE_CHANGE, REFUSE, APPEND_ONLY, watch):
        await connection.execute(text(statement.replace(":", r"\:")))
