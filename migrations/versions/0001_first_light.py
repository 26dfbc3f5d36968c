"""First light: areas, people, packs, enterprises, recognitions, imports, town counts, jobs, audit

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from app.infra import dialect
from app.infra.db import ExactDecimal, JsonText, UtcDateTime

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('area',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('city_id', sa.Integer(), nullable=True),
    sa.Column('provisional', sa.Boolean(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('tile_row', sa.Integer(), nullable=True),
    sa.Column('tile_col', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('province','city','county','zone','subdistrict','town','township','functional_area','direct')", name=op.f('ck_area_kind')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_area_city_id_area')),
    sa.ForeignKeyConstraint(['parent_id'], ['area.id'], name=op.f('fk_area_parent_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area')),
    sa.UniqueConstraint('code', name=op.f('uq_area_code'))
    )
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.create_index('ix_area_city_kind', ['city_id', 'kind'], unique=False)
        batch_op.create_index(batch_op.f('ix_area_parent_id'), ['parent_id'], unique=False)

    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor_name', sa.String(length=80), nullable=False),
    sa.Column('via', sa.String(length=16), nullable=False),
    sa.Column('request_id', sa.String(length=40), nullable=True),
    sa.Column('type', sa.String(length=60), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.String(length=60), nullable=True),
    sa.Column('subject_label', sa.String(length=200), nullable=True),
    sa.Column('old', JsonText(), nullable=True),
    sa.Column('new', JsonText(), nullable=True),
    sa.Column('row_hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_at', ['at'], unique=False)
        batch_op.create_index('ix_audit_subject', ['subject_type', 'subject_id'], unique=False)

    op.create_table('audit_seal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('audit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('chain_hash', sa.String(length=64), nullable=False),
    sa.Column('sealed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('audit_id', name=op.f('uq_audit_seal_audit_id'))
    )
    op.create_table('enterprise_merge',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kept_id', sa.BigInteger(), nullable=False),
    sa.Column('merged_id', sa.BigInteger(), nullable=False),
    sa.Column('journal', JsonText(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('merged_at', UtcDateTime(), nullable=False),
    sa.Column('merged_by', sa.Integer(), nullable=True),
    sa.Column('undone_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_merge'))
    )
    with op.batch_alter_table('enterprise_merge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enterprise_merge_kept_id'), ['kept_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_enterprise_merge_merged_id'), ['merged_id'], unique=False)

    op.create_table('idempotency',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('body_hash', sa.String(length=64), nullable=False),
    sa.Column('answer', JsonText(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_idempotency')),
    sa.UniqueConstraint('user_id', 'key', name=op.f('uq_idempotency_user_id_key'))
    )
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.create_index('ix_idempotency_created_at', ['created_at'], unique=False)

    op.create_table('import_mapping',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('signature', sa.String(length=64), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('mapping', JsonText(), nullable=True),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_mapping')),
    sa.UniqueConstraint('kind', 'signature', 'owner_id', name=op.f('uq_import_mapping_kind_signature_owner_id'))
    )
    op.create_table('job',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('payload', JsonText(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('done_count', sa.Integer(), nullable=False),
    sa.Column('total_count', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('result', JsonText(), nullable=True),
    sa.Column('error_zh', sa.Text(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_name', sa.String(length=80), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=True),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("state IN ('queued','running','done','failed','cancelled')", name=op.f('ck_job_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index('ix_job_claim', ['state', 'lease_until', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_job_created_by'), ['created_by'], unique=False)

    op.create_table('login_log',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('login', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.Column('agent', sa.String(length=200), nullable=True),
    sa.CheckConstraint("outcome IN ('ok','wrong','unknown','locked','disabled','logout','revoked','stale')", name=op.f('ck_login_log_outcome')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_login_log'))
    )
    with op.batch_alter_table('login_log', schema=None) as batch_op:
        batch_op.create_index('ix_login_log_at', ['at'], unique=False)
        batch_op.create_index('ix_login_log_ip', ['ip', 'at'], unique=False)
        batch_op.create_index('ix_login_log_login', ['login', 'at'], unique=False)

    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('payload', JsonText(), nullable=True),
    sa.Column('happened_at', UtcDateTime(), nullable=False),
    sa.Column('delivered_at', UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_delivered_at', ['delivered_at', 'id'], unique=False)

    op.create_table('pack_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('city', sa.String(length=40), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(length=8), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('content', JsonText(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('active_from', sa.Date(), nullable=True),
    sa.Column('loaded_at', UtcDateTime(), nullable=False),
    sa.Column('loaded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("origin IN ('shipped','local')", name=op.f('ck_pack_version_origin')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pack_version')),
    sa.UniqueConstraint('city', 'number', name=op.f('uq_pack_version_city_number'))
    )
    op.create_table('saved_view',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('page', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('query', sa.String(length=2000), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_view')),
    sa.UniqueConstraint('owner_id', 'page', 'name', name=op.f('uq_saved_view_owner_id_page_name'))
    )
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_view_area_id'), ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_saved_view_owner_id'), ['owner_id'], unique=False)

    op.create_table('search_piece',
    sa.Column('piece', sa.String(length=8), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('piece', name=op.f('pk_search_piece'))
    )
    op.create_table('setup_step',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('begun','done','declined')", name=op.f('ck_setup_step_state')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_setup_step'))
    )
    op.create_table('stored_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('purpose', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stored_file')),
    sa.UniqueConstraint('token', name=op.f('uq_stored_file_token'))
    )
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_stored_file_sha256'), ['sha256'], unique=False)

    op.create_table('tick_run',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('done_count', sa.Integer(), nullable=False),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_tick_run'))
    )
    op.create_table('title_count_state',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('first_year', sa.Integer(), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_title_count_state_single')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_title_count_state'))
    )
    op.create_table('town_count_year',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_town_count_year'))
    )
    op.create_table('area_alias',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('alias', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_area_alias_area_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area_alias')),
    sa.UniqueConstraint('area_id', 'alias', name=op.f('uq_area_alias_area_id_alias'))
    )
    with op.batch_alter_table('area_alias', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_area_alias_alias'), ['alias'], unique=False)
        batch_op.create_index(batch_op.f('ix_area_alias_area_id'), ['area_id'], unique=False)

    op.create_table('area_membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_area_membership_town_id_area')),
    sa.ForeignKeyConstraint(['unit_id'], ['area.id'], name=op.f('fk_area_membership_unit_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area_membership'))
    )
    with op.batch_alter_table('area_membership', schema=None) as batch_op:
        batch_op.create_index('ix_area_membership_town', ['town_id', 'valid_from'], unique=False)
        batch_op.create_index('ix_area_membership_unit', ['unit_id'], unique=False)

    op.create_table('area_population',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('basis', sa.String(length=12), nullable=False),
    sa.Column('persons', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("basis IN ('census','sample','registered')", name=op.f('ck_area_population_basis')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_area_population_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_area_population'))
    )
    with op.batch_alter_table('area_population', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_area_population_town_id'), ['town_id'], unique=False)

    op.create_table('enterprise',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('short_name', sa.String(length=60), nullable=True),
    sa.Column('initials', sa.String(length=120), nullable=False),
    sa.Column('industry_code', sa.String(length=4), nullable=True),
    sa.Column('industry_version', sa.String(length=8), nullable=False),
    sa.Column('control_type', sa.String(length=12), nullable=True),
    sa.Column('control_source', sa.String(length=60), nullable=True),
    sa.Column('founded_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=True),
    sa.Column('registered_place', sa.String(length=200), nullable=True),
    sa.Column('park', sa.String(length=80), nullable=True),
    sa.Column('legal_person', sa.String(length=60), nullable=True),
    sa.Column('main_product', sa.String(length=200), nullable=True),
    sa.Column('extra', JsonText(), nullable=True),
    sa.Column('merged_into_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('source_author', sa.String(length=60), nullable=True),
    sa.Column('source_on', sa.Date(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('updated_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("status IN ('active','suspended','moved_out','cancelled','revoked','merged')", name=op.f('ck_enterprise_status')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_enterprise_city_id_area')),
    sa.ForeignKeyConstraint(['merged_into_id'], ['enterprise.id'], name=op.f('fk_enterprise_merged_into_id_enterprise')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_enterprise_town_id_area')),
    sa.ForeignKeyConstraint(['unit_id'], ['area.id'], name=op.f('fk_enterprise_unit_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise')),
    sa.UniqueConstraint('credit_code', name=op.f('uq_enterprise_credit_code'))
    )
    with op.batch_alter_table('enterprise', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_city', ['city_id', 'id'], unique=False)
        batch_op.create_index('ix_enterprise_industry', ['industry_code', 'id'], unique=False)
        batch_op.create_index('ix_enterprise_initials', ['initials', 'id'], unique=False)
        batch_op.create_index('ix_enterprise_merged_into', ['merged_into_id'], unique=False, sqlite_where=sa.text('merged_into_id IS NOT NULL'), postgresql_where=sa.text('merged_into_id IS NOT NULL'))
        batch_op.create_index('ix_enterprise_name', ['name'], unique=False)
        batch_op.create_index('ix_enterprise_town', ['town_id', 'id'], unique=False)
        batch_op.create_index('ix_enterprise_unit', ['unit_id', 'id'], unique=False)
        batch_op.create_index('ix_enterprise_unusual_control', ['control_type', 'id'], unique=False, sqlite_where=sa.text("control_type <> 'private'"), postgresql_where=sa.text("control_type <> 'private'"))
        batch_op.create_index('ix_enterprise_unusual_status', ['status', 'id'], unique=False, sqlite_where=sa.text("status <> 'active'"), postgresql_where=sa.text("status <> 'active'"))
        batch_op.create_index('ix_enterprise_updated_at', ['updated_at', 'id'], unique=False)

    op.create_table('import_batch',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_name', sa.String(length=255), nullable=False),
    sa.Column('sheet_name', sa.String(length=120), nullable=True),
    sa.Column('options', JsonText(), nullable=True),
    sa.Column('mapping', JsonText(), nullable=True),
    sa.Column('scope', JsonText(), nullable=True),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('source_author', sa.String(length=60), nullable=True),
    sa.Column('source_on', sa.Date(), nullable=True),
    sa.Column('job_id', sa.BigInteger(), nullable=True),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('counts', JsonText(), nullable=True),
    sa.Column('remarks', JsonText(), nullable=True),
    sa.Column('plan_hash', sa.String(length=64), nullable=True),
    sa.Column('context_key', sa.String(length=64), nullable=True),
    sa.Column('refused_code', sa.String(length=40), nullable=True),
    sa.Column('refused_zh', sa.Text(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_name', sa.String(length=80), nullable=False),
    sa.Column('planned_at', UtcDateTime(), nullable=True),
    sa.Column('applied_at', UtcDateTime(), nullable=True),
    sa.Column('applied_by', sa.Integer(), nullable=True),
    sa.Column('undone_at', UtcDateTime(), nullable=True),
    sa.Column('undone_by', sa.Integer(), nullable=True),
    sa.Column('undone_counts', JsonText(), nullable=True),
    sa.Column('forgotten_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("state IN ('reading','mapping','planned','applying','applied','undoing','undone','refused','cancelled')", name=op.f('ck_import_batch_state')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_import_batch_area_id_area')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_import_batch_file_id_stored_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_batch')),
    sa.UniqueConstraint('token', name=op.f('uq_import_batch_token'))
    )
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_import_batch_area_id'), ['area_id'], unique=False)
        batch_op.create_index('ix_import_batch_created_by', ['created_by', 'id'], unique=False)

    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_organisation_area_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation'))
    )
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_area_id'), ['area_id'], unique=False)

    op.create_table('title_count',
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('town_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('firms', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_title_count_town_id_area')),
    sa.PrimaryKeyConstraint('subject', 'town_id', name=op.f('pk_title_count'))
    )
    op.create_table('town_count',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('town_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('item', sa.String(length=4), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_town_count_town_id_area')),
    sa.PrimaryKeyConstraint('year', 'town_id', 'item', name=op.f('pk_town_count'))
    )
    with op.batch_alter_table('town_count', schema=None) as batch_op:
        batch_op.create_index('ix_town_count_year', ['year', 'item'], unique=False)

    op.create_table('contact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=True),
    sa.Column('phone_cipher', sa.Text(), nullable=True),
    sa.Column('phone_mark', sa.String(length=64), nullable=True),
    sa.Column('phone_masked', sa.String(length=20), nullable=True),
    sa.Column('consent_on', sa.Date(), nullable=True),
    sa.Column('is_primary', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_contact_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact'))
    )
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contact_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contact_phone_mark'), ['phone_mark'], unique=False)

    op.create_table('enterprise_assignment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('provider_id', sa.Integer(), nullable=True),
    sa.Column('liaison_user_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_assignment_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_assignment'))
    )
    with op.batch_alter_table('enterprise_assignment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enterprise_assignment_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_enterprise_assignment_team', ['team_id', 'enterprise_id'], unique=False)

    op.create_table('enterprise_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_event_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_event'))
    )
    with op.batch_alter_table('enterprise_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enterprise_event_enterprise_id'), ['enterprise_id'], unique=False)

    op.create_table('enterprise_name',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_name_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_name'))
    )
    with op.batch_alter_table('enterprise_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_enterprise_name_enterprise_id'), ['enterprise_id'], unique=False)

    op.create_table('enterprise_summary',
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('titles', sa.String(length=300), nullable=False),
    sa.Column('rung', sa.String(length=40), nullable=True),
    sa.Column('figures_year', sa.Integer(), nullable=True),
    sa.Column('revenue_yuan', ExactDecimal(2), nullable=True),
    sa.Column('growth_pct', ExactDecimal(2), nullable=True),
    sa.Column('rd_ratio_pct', ExactDecimal(2), nullable=True),
    sa.Column('employee_count', sa.Integer(), nullable=True),
    sa.Column('size_class', sa.String(length=8), nullable=True),
    sa.Column('last_visit_on', sa.Date(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('refreshed_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_summary_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('enterprise_id', name=op.f('pk_enterprise_summary'))
    )
    with op.batch_alter_table('enterprise_summary', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_summary_rung', ['rung', 'enterprise_id'], unique=False, sqlite_where=sa.text('rung IS NOT NULL'), postgresql_where=sa.text('rung IS NOT NULL'))
        batch_op.create_index('ix_enterprise_summary_size', ['size_class', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_enterprise_summary_titled', ['enterprise_id'], unique=False, sqlite_where=sa.text("titles <> ','"), postgresql_where=sa.text("titles <> ','"))

    op.create_table('enterprise_tag',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_tag_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_tag')),
    sa.UniqueConstraint('enterprise_id', 'tag', name=op.f('uq_enterprise_tag_enterprise_id_tag'))
    )
    with op.batch_alter_table('enterprise_tag', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_tag_tag', ['tag', 'enterprise_id'], unique=False)

    op.create_table('enterprise_town',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_town_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_enterprise_town_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_town'))
    )
    with op.batch_alter_table('enterprise_town', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_town_enterprise', ['enterprise_id', 'valid_from'], unique=False)
        batch_op.create_index('ix_enterprise_town_town_id', ['town_id', 'enterprise_id'], unique=False)
        batch_op.create_index('uq_enterprise_town_current', ['enterprise_id'], unique=True, sqlite_where=sa.text('valid_to IS NULL AND superseded_at IS NULL'), postgresql_where=sa.text('valid_to IS NULL AND superseded_at IS NULL'))

    op.create_table('enterprise_year',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('revenue_yuan', ExactDecimal(2), nullable=True),
    sa.Column('main_revenue_yuan', ExactDecimal(2), nullable=True),
    sa.Column('net_profit_yuan', ExactDecimal(2), nullable=True),
    sa.Column('assets_yuan', ExactDecimal(2), nullable=True),
    sa.Column('debt_yuan', ExactDecimal(2), nullable=True),
    sa.Column('rd_expense_yuan', ExactDecimal(2), nullable=True),
    sa.Column('tax_yuan', ExactDecimal(2), nullable=True),
    sa.Column('renovation_yuan', ExactDecimal(2), nullable=True),
    sa.Column('equity_financing_yuan', ExactDecimal(2), nullable=True),
    sa.Column('exports_yuan', ExactDecimal(2), nullable=True),
    sa.Column('employee_count', sa.Integer(), nullable=True),
    sa.Column('rd_staff_count', sa.Integer(), nullable=True),
    sa.Column('ip_class1_count', sa.Integer(), nullable=True),
    sa.Column('ip_class2_count', sa.Integer(), nullable=True),
    sa.Column('ip_high_value_count', sa.Integer(), nullable=True),
    sa.Column('digital_grade', sa.Integer(), nullable=True),
    sa.Column('digital_edition', sa.String(length=20), nullable=True),
    sa.Column('market_share_pct', ExactDecimal(4), nullable=True),
    sa.Column('market_rank', sa.Integer(), nullable=True),
    sa.Column('niche_years', sa.Integer(), nullable=True),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("source IN ('department','platform','enterprise','visit')", name=op.f('ck_enterprise_year_source')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_year_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_year'))
    )
    with op.batch_alter_table('enterprise_year', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_year_enterprise', ['enterprise_id', 'year'], unique=False)
        batch_op.create_index('ix_enterprise_year_year', ['year', 'enterprise_id'], unique=False)
        batch_op.create_index('uq_enterprise_year_current', ['enterprise_id', 'year', 'source'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('import_row',
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('row', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('part', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('action', sa.String(length=8), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.BigInteger(), nullable=True),
    sa.Column('content', sa.Text(), nullable=True),
    sa.Column('changes', sa.Text(), nullable=True),
    sa.Column('problems', sa.Text(), nullable=True),
    sa.Column('notes', sa.Text(), nullable=True),
    sa.CheckConstraint("action IN ('insert','update','none')", name=op.f('ck_import_row_action')),
    sa.CheckConstraint("outcome IN ('created','updated','unchanged','rejected')", name=op.f('ck_import_row_outcome')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_row_batch_id_import_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'row', 'part', name=op.f('pk_import_row')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('import_row', schema=None) as batch_op:
        batch_op.create_index('ix_import_row_outcome', ['batch_id', 'outcome', 'row', 'part'], unique=False)

    op.create_table('import_undo',
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('row', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('part', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('action', sa.String(length=8), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('before', sa.Text(), nullable=True),
    sa.Column('kept_zh', sa.String(length=200), nullable=True),
    sa.CheckConstraint("action IN ('insert','update')", name=op.f('ck_import_undo_action')),
    sa.ForeignKeyConstraint(['batch_id'], ['import_batch.id'], name=op.f('fk_import_undo_batch_id_import_batch')),
    sa.PrimaryKeyConstraint('batch_id', 'row', 'part', name=op.f('pk_import_undo')),
    sqlite_with_rowid=False
    )
    op.create_table('recognition',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title_code', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('batch_year', sa.Integer(), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('announced_on', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('open_ended', sa.Boolean(), nullable=False),
    sa.Column('revoked_on', sa.Date(), nullable=True),
    sa.Column('revoked_reason', sa.String(length=200), nullable=True),
    sa.Column('voided', sa.Boolean(), nullable=False),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_recognition_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recognition'))
    )
    with op.batch_alter_table('recognition', schema=None) as batch_op:
        batch_op.create_index('ix_recognition_enterprise', ['enterprise_id', 'title_code'], unique=False)
        batch_op.create_index('ix_recognition_title', ['title_code', 'level', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_recognition_valid_to', ['valid_to', 'id'], unique=False, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.create_index('uq_recognition_current', ['enterprise_id', 'title_code', 'level', 'batch_year'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('user',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('password_changed_at', UtcDateTime(), nullable=True),
    sa.Column('must_change_password', sa.Boolean(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('disabled_at', UtcDateTime(), nullable=True),
    sa.Column('failed_count', sa.Integer(), nullable=False),
    sa.Column('locked_until', UtcDateTime(), nullable=True),
    sa.Column('large_type', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('last_login_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_user_area_id_area')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_user_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user')),
    sa.UniqueConstraint('login', name=op.f('uq_user_login'))
    )
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_user_area_id'), ['area_id'], unique=False)

    op.create_table('password_history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('replaced_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_password_history_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_password_history'))
    )
    with op.batch_alter_table('password_history', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_password_history_user_id'), ['user_id'], unique=False)

    op.create_table('post',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('role_code', sa.String(length=40), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('enterprise_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_post_area_id_area')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_post_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_post'))
    )
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.create_index('ix_post_area_id', ['area_id', 'role_code'], unique=False)
        batch_op.create_index(batch_op.f('ix_post_user_id'), ['user_id'], unique=False)

    op.create_table('user_session',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('last_seen_at', UtcDateTime(), nullable=False),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.Column('ip', sa.String(length=45), nullable=True),
    sa.Column('agent', sa.String(length=200), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_user_session_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_user_session_token_hash'))
    )
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.create_index('ix_user_session_user', ['user_id', 'revoked_at'], unique=False)
    dialect.create_search_index(op.get_bind())


def downgrade() -> None:
    dialect.drop_search_index(op.get_bind())
    with op.batch_alter_table('user_session', schema=None) as batch_op:
        batch_op.drop_index('ix_user_session_user')

    op.drop_table('user_session')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_post_user_id'))
        batch_op.drop_index('ix_post_area_id')

    op.drop_table('post')
    with op.batch_alter_table('password_history', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_password_history_user_id'))

    op.drop_table('password_history')
    with op.batch_alter_table('user', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_user_area_id'))

    op.drop_table('user')
    with op.batch_alter_table('recognition', schema=None) as batch_op:
        batch_op.drop_index('uq_recognition_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_recognition_valid_to', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_recognition_title')
        batch_op.drop_index('ix_recognition_enterprise')

    op.drop_table('recognition')
    op.drop_table('import_undo')
    with op.batch_alter_table('import_row', schema=None) as batch_op:
        batch_op.drop_index('ix_import_row_outcome')

    op.drop_table('import_row')
    with op.batch_alter_table('enterprise_year', schema=None) as batch_op:
        batch_op.drop_index('uq_enterprise_year_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_enterprise_year_year')
        batch_op.drop_index('ix_enterprise_year_enterprise')

    op.drop_table('enterprise_year')
    with op.batch_alter_table('enterprise_town', schema=None) as batch_op:
        batch_op.drop_index('uq_enterprise_town_current', sqlite_where=sa.text('valid_to IS NULL AND superseded_at IS NULL'), postgresql_where=sa.text('valid_to IS NULL AND superseded_at IS NULL'))
        batch_op.drop_index('ix_enterprise_town_town_id')
        batch_op.drop_index('ix_enterprise_town_enterprise')

    op.drop_table('enterprise_town')
    with op.batch_alter_table('enterprise_tag', schema=None) as batch_op:
        batch_op.drop_index('ix_enterprise_tag_tag')

    op.drop_table('enterprise_tag')
    with op.batch_alter_table('enterprise_summary', schema=None) as batch_op:
        batch_op.drop_index('ix_enterprise_summary_titled', sqlite_where=sa.text("titles <> ','"), postgresql_where=sa.text("titles <> ','"))
        batch_op.drop_index('ix_enterprise_summary_size')
        batch_op.drop_index('ix_enterprise_summary_rung', sqlite_where=sa.text('rung IS NOT NULL'), postgresql_where=sa.text('rung IS NOT NULL'))

    op.drop_table('enterprise_summary')
    with op.batch_alter_table('enterprise_name', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enterprise_name_enterprise_id'))

    op.drop_table('enterprise_name')
    with op.batch_alter_table('enterprise_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enterprise_event_enterprise_id'))

    op.drop_table('enterprise_event')
    with op.batch_alter_table('enterprise_assignment', schema=None) as batch_op:
        batch_op.drop_index('ix_enterprise_assignment_team')
        batch_op.drop_index(batch_op.f('ix_enterprise_assignment_enterprise_id'))

    op.drop_table('enterprise_assignment')
    with op.batch_alter_table('contact', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contact_phone_mark'))
        batch_op.drop_index(batch_op.f('ix_contact_enterprise_id'))

    op.drop_table('contact')
    with op.batch_alter_table('town_count', schema=None) as batch_op:
        batch_op.drop_index('ix_town_count_year')

    op.drop_table('town_count')
    op.drop_table('title_count')
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_organisation_area_id'))

    op.drop_table('organisation')
    with op.batch_alter_table('import_batch', schema=None) as batch_op:
        batch_op.drop_index('ix_import_batch_created_by')
        batch_op.drop_index(batch_op.f('ix_import_batch_area_id'))

    op.drop_table('import_batch')
    with op.batch_alter_table('enterprise', schema=None) as batch_op:
        batch_op.drop_index('ix_enterprise_updated_at')
        batch_op.drop_index('ix_enterprise_unusual_status', sqlite_where=sa.text("status <> 'active'"), postgresql_where=sa.text("status <> 'active'"))
        batch_op.drop_index('ix_enterprise_unusual_control', sqlite_where=sa.text("control_type <> 'private'"), postgresql_where=sa.text("control_type <> 'private'"))
        batch_op.drop_index('ix_enterprise_unit')
        batch_op.drop_index('ix_enterprise_town')
        batch_op.drop_index('ix_enterprise_name')
        batch_op.drop_index('ix_enterprise_merged_into', sqlite_where=sa.text('merged_into_id IS NOT NULL'), postgresql_where=sa.text('merged_into_id IS NOT NULL'))
        batch_op.drop_index('ix_enterprise_initials')
        batch_op.drop_index('ix_enterprise_industry')
        batch_op.drop_index('ix_enterprise_city')

    op.drop_table('enterprise')
    with op.batch_alter_table('area_population', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_area_population_town_id'))

    op.drop_table('area_population')
    with op.batch_alter_table('area_membership', schema=None) as batch_op:
        batch_op.drop_index('ix_area_membership_unit')
        batch_op.drop_index('ix_area_membership_town')

    op.drop_table('area_membership')
    with op.batch_alter_table('area_alias', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_area_alias_area_id'))
        batch_op.drop_index(batch_op.f('ix_area_alias_alias'))

    op.drop_table('area_alias')
    op.drop_table('town_count_year')
    op.drop_table('title_count_state')
    op.drop_table('tick_run')
    with op.batch_alter_table('stored_file', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_stored_file_sha256'))

    op.drop_table('stored_file')
    op.drop_table('setup_step')
    op.drop_table('search_piece')
    with op.batch_alter_table('saved_view', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_view_owner_id'))
        batch_op.drop_index(batch_op.f('ix_saved_view_area_id'))

    op.drop_table('saved_view')
    op.drop_table('pack_version')
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.drop_index('ix_outbox_delivered_at')

    op.drop_table('outbox')
    with op.batch_alter_table('login_log', schema=None) as batch_op:
        batch_op.drop_index('ix_login_log_login')
        batch_op.drop_index('ix_login_log_ip')
        batch_op.drop_index('ix_login_log_at')

    op.drop_table('login_log')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_created_by'))
        batch_op.drop_index('ix_job_claim')

    op.drop_table('job')
    op.drop_table('import_mapping')
    with op.batch_alter_table('idempotency', schema=None) as batch_op:
        batch_op.drop_index('ix_idempotency_created_at')

    op.drop_table('idempotency')
    with op.batch_alter_table('enterprise_merge', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_enterprise_merge_merged_id'))
        batch_op.drop_index(batch_op.f('ix_enterprise_merge_kept_id'))

    op.drop_table('enterprise_merge')
    op.drop_table('audit_seal')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_subject')
        batch_op.drop_index('ix_audit_at')

    op.drop_table('audit')
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_area_parent_id'))
        batch_op.drop_index('ix_area_city_kind')

    op.drop_table('area')
