"""The ladder in full: answers, verdicts, batches and steps, lists, pools, applications, yearly duties, comparisons; counts city by city

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from app.infra.db import ExactDecimal, JsonText, UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('import_enterprise',
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('short_name', sa.String(length=60), nullable=True),
    sa.Column('industry_code', sa.String(length=4), nullable=True),
    sa.Column('control_type', sa.String(length=12), nullable=True),
    sa.Column('founded_on', sa.Date(), nullable=True),
    sa.Column('status', sa.String(length=12), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=True),
    sa.Column('registered_place', sa.String(length=200), nullable=True),
    sa.Column('park', sa.String(length=80), nullable=True),
    sa.Column('legal_person', sa.String(length=60), nullable=True),
    sa.Column('main_product', sa.String(length=200), nullable=True),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('control_source', sa.String(length=60), nullable=True),
    sa.Column('source_author', sa.String(length=60), nullable=True),
    sa.Column('source_on', sa.Date(), nullable=True),
    sa.Column('initials', sa.String(length=120), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('search', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('batch_id', 'place', name=op.f('pk_import_enterprise')),
    sqlite_with_rowid=False
    )
    op.create_table('near_scale_state',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_near_scale_state_single')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_near_scale_state'))
    )
    op.create_table('search_pending',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_pending'))
    )
    op.create_table('application_window',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('title_code', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('batch_year', sa.Integer(), nullable=False),
    sa.Column('batch', sa.String(length=40), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('county_due_on', sa.Date(), nullable=True),
    sa.Column('city_due_on', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('calendar_code', sa.String(length=60), nullable=True),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("kind IN ('new','review')", name=op.f('ck_application_window_kind')),
    sa.CheckConstraint('opens_on <= closes_on', name=op.f('ck_application_window_opens_before_it_closes')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_application_window_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_window')),
    sa.UniqueConstraint('city_id', 'title_code', 'level', 'kind', 'batch_year', 'batch', name=op.f('uq_application_window_city_id_title_code_level_kind_batch_year_batch'))
    )
    with op.batch_alter_table('application_window', schema=None) as batch_op:
        batch_op.create_index('ix_application_window_closes', ['city_id', 'closes_on'], unique=False)

    op.create_table('impact_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('application', sa.String(length=8), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('old_code', sa.String(length=60), nullable=False),
    sa.Column('new_code', sa.String(length=60), nullable=False),
    sa.Column('old_label', sa.String(length=200), nullable=False),
    sa.Column('new_label', sa.String(length=200), nullable=False),
    sa.Column('pack_hash', sa.String(length=64), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.Column('computed_by', sa.String(length=80), nullable=False),
    sa.CheckConstraint("application IN ('new','review')", name=op.f('ck_impact_run_application')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_impact_run_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_impact_run'))
    )
    with op.batch_alter_table('impact_run', schema=None) as batch_op:
        batch_op.create_index('ix_impact_run_city', ['city_id', 'id'], unique=False)

    op.create_table('lookalike_run',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pool_code', sa.String(length=60), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('promoted', sa.Integer(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.Column('candidates', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.Column('computed_by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_lookalike_run_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lookalike_run'))
    )
    with op.batch_alter_table('lookalike_run', schema=None) as batch_op:
        batch_op.create_index('ix_lookalike_run_pool', ['pool_code', 'city_id', 'id'], unique=False)

    op.create_table('near_scale_count',
    sa.Column('town_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('tier', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('firms', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_near_scale_count_town_id_area')),
    sa.PrimaryKeyConstraint('town_id', 'tier', name=op.f('pk_near_scale_count'))
    )
    op.create_table('official_list',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('stage', sa.String(length=12), nullable=False),
    sa.Column('title_code', sa.String(length=40), nullable=True),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('batch_year', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=True),
    sa.Column('announced_on', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('scope', JsonText(), nullable=True),
    sa.Column('import_id', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("purpose IN ('announced','stock')", name=op.f('ck_official_list_purpose')),
    sa.CheckConstraint("stage IN ('announced','noticed')", name=op.f('ck_official_list_stage')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_official_list_area_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official_list'))
    )
    with op.batch_alter_table('official_list', schema=None) as batch_op:
        batch_op.create_index('ix_official_list_area', ['area_id', 'id'], unique=False)

    op.create_table('recognition_batch',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('title_code', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('batch_year', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_recognition_batch_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recognition_batch')),
    sa.UniqueConstraint('city_id', 'title_code', 'level', 'batch_year', 'number', name=op.f('uq_recognition_batch_city_id_title_code_level_batch_year_number'))
    )
    op.create_table('title_count_city',
    sa.Column('city_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('first_year', sa.Integer(), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_title_count_city_city_id_area')),
    sa.PrimaryKeyConstraint('city_id', name=op.f('pk_title_count_city'))
    )
    op.create_table('town_count_city_year',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('city_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_town_count_city_year_city_id_area')),
    sa.PrimaryKeyConstraint('year', 'city_id', name=op.f('pk_town_count_city_year'))
    )
    op.create_table('verdict_state',
    sa.Column('city_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('status', sa.String(length=8), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('definition', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=True),
    sa.Column('run', sa.Integer(), nullable=False),
    sa.Column('enterprise_count', sa.Integer(), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("status IN ('ready','stale','building')", name=op.f('ck_verdict_state_status')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_verdict_state_city_id_area')),
    sa.PrimaryKeyConstraint('city_id', name=op.f('pk_verdict_state'))
    )
    op.create_table('diagnosis_snapshot',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('city', sa.String(length=60), nullable=False),
    sa.Column('pack_hash', sa.String(length=64), nullable=False),
    sa.Column('headline', sa.String(length=200), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('content', JsonText(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('kept_at', UtcDateTime(), nullable=False),
    sa.Column('kept_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_diagnosis_snapshot_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_diagnosis_snapshot'))
    )
    with op.batch_alter_table('diagnosis_snapshot', schema=None) as batch_op:
        batch_op.create_index('ix_diagnosis_snapshot_enterprise', ['enterprise_id', 'kept_at'], unique=False)

    op.create_table('enterprise_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('rule', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', ExactDecimal(4), nullable=True),
    sa.Column('word', sa.String(length=40), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('fact','judgement')", name=op.f('ck_enterprise_answer_kind')),
    sa.CheckConstraint("source IN ('department','platform','enterprise','visit')", name=op.f('ck_enterprise_answer_source')),
    sa.CheckConstraint('(number IS NULL) <> (word IS NULL)', name=op.f('ck_enterprise_answer_one_value')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_answer_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enterprise_answer'))
    )
    with op.batch_alter_table('enterprise_answer', schema=None) as batch_op:
        batch_op.create_index('ix_enterprise_answer_enterprise', ['enterprise_id', 'subject'], unique=False)
        batch_op.create_index('ix_enterprise_answer_subject', ['kind', 'subject', 'rule', 'year'], unique=False)
        batch_op.create_index('uq_enterprise_answer_current', ['enterprise_id', 'kind', 'rule', 'subject', 'year'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('enterprise_verdict',
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('verdict', sa.BigInteger(), nullable=False),
    sa.Column('held', sa.BigInteger(), nullable=False),
    sa.Column('open_0', sa.BigInteger(), nullable=False),
    sa.Column('open_1', sa.BigInteger(), nullable=False),
    sa.Column('lacking_0', sa.BigInteger(), nullable=False),
    sa.Column('lacking_1', sa.BigInteger(), nullable=False),
    sa.Column('lacking_2', sa.BigInteger(), nullable=False),
    sa.Column('mask_0', sa.BigInteger(), nullable=False),
    sa.Column('mask_1', sa.BigInteger(), nullable=False),
    sa.Column('mask_2', sa.BigInteger(), nullable=False),
    sa.Column('mask_3', sa.BigInteger(), nullable=False),
    sa.Column('mask_4', sa.BigInteger(), nullable=False),
    sa.Column('mask_5', sa.BigInteger(), nullable=False),
    sa.Column('mask_6', sa.BigInteger(), nullable=False),
    sa.Column('mask_7', sa.BigInteger(), nullable=False),
    sa.Column('mask_8', sa.BigInteger(), nullable=False),
    sa.Column('mask_9', sa.BigInteger(), nullable=False),
    sa.Column('mask_10', sa.BigInteger(), nullable=False),
    sa.Column('mask_11', sa.BigInteger(), nullable=False),
    sa.Column('mask_12', sa.BigInteger(), nullable=False),
    sa.Column('mask_13', sa.BigInteger(), nullable=False),
    sa.Column('score_0', sa.BigInteger(), nullable=False),
    sa.Column('score_1', sa.BigInteger(), nullable=False),
    sa.Column('score_2', sa.BigInteger(), nullable=False),
    sa.Column('score_3', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_enterprise_verdict_enterprise_id_enterprise'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('enterprise_id', name=op.f('pk_enterprise_verdict'))
    )
    op.create_table('impact_row',
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('old', sa.SmallInteger(), nullable=False),
    sa.Column('new', sa.SmallInteger(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_impact_row_enterprise_id_enterprise'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['run_id'], ['impact_run.id'], name=op.f('fk_impact_row_run_id_impact_run'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'enterprise_id', name=op.f('pk_impact_row'))
    )
    with op.batch_alter_table('impact_row', schema=None) as batch_op:
        batch_op.create_index('ix_impact_row_enterprise', ['enterprise_id'], unique=False)
        batch_op.create_index('ix_impact_row_pair', ['run_id', 'old', 'new', 'enterprise_id'], unique=False)

    op.create_table('lookalike_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pool_code', sa.String(length=60), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('answer', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=False),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answered_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("answer IN ('accepted','rejected')", name=op.f('ck_lookalike_answer_answer')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_lookalike_answer_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lookalike_answer'))
    )
    with op.batch_alter_table('lookalike_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lookalike_answer_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('uq_lookalike_answer_year', ['pool_code', 'enterprise_id', 'year'], unique=True)

    op.create_table('lookalike_row',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('score', ExactDecimal(1), nullable=False),
    sa.Column('distance', ExactDecimal(4), nullable=False),
    sa.Column('neighbours', JsonText(), nullable=False),
    sa.Column('reasons', JsonText(), nullable=False),
    sa.Column('differences', JsonText(), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_lookalike_row_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['run_id'], ['lookalike_run.id'], name=op.f('fk_lookalike_row_run_id_lookalike_run')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lookalike_row'))
    )
    with op.batch_alter_table('lookalike_row', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lookalike_row_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_lookalike_row_score', ['run_id', 'score', 'enterprise_id'], unique=False)
        batch_op.create_index('uq_lookalike_row_enterprise', ['run_id', 'enterprise_id'], unique=True)

    op.create_table('name_match',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name_key', sa.String(length=120), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('confirmed_at', UtcDateTime(), nullable=False),
    sa.Column('confirmed_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_name_match_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_name_match')),
    sa.UniqueConstraint('name_key', 'enterprise_id', name=op.f('uq_name_match_name_key_enterprise_id'))
    )
    with op.batch_alter_table('name_match', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_name_match_enterprise_id'), ['enterprise_id'], unique=False)

    op.create_table('near_scale',
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('tier', sa.Integer(), nullable=False),
    sa.Column('pct', ExactDecimal(2), nullable=False),
    sa.Column('amount_yuan', ExactDecimal(2), nullable=False),
    sa.Column('threshold_yuan', ExactDecimal(2), nullable=False),
    sa.Column('band', sa.String(length=20), nullable=False),
    sa.Column('industry_code', sa.String(length=4), nullable=False),
    sa.Column('metric', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_near_scale_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_near_scale_town_id_area')),
    sa.PrimaryKeyConstraint('enterprise_id', name=op.f('pk_near_scale'))
    )
    with op.batch_alter_table('near_scale', schema=None) as batch_op:
        batch_op.create_index('ix_near_scale_pct', ['pct', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_near_scale_tier', ['tier', 'pct', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_near_scale_town', ['town_id', 'tier', 'pct', 'enterprise_id'], unique=False)

    op.create_table('official_list_row',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('list_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('row', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('name_key', sa.String(length=120), nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=True),
    sa.Column('place', sa.String(length=120), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('said', JsonText(), nullable=True),
    sa.Column('candidates', JsonText(), nullable=True),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('how', sa.String(length=12), nullable=True),
    sa.Column('sure', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(length=12), nullable=False),
    sa.Column('recorded', sa.String(length=12), nullable=True),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("decision IN ('open','confirmed','foreign')", name=op.f('ck_official_list_row_decision')),
    sa.CheckConstraint("how IN ('code','remembered','exact','former','normal','form','similar','manual','created')", name=op.f('ck_official_list_row_how')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_official_list_row_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['list_id'], ['official_list.id'], name=op.f('fk_official_list_row_list_id_official_list')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_official_list_row')),
    sa.UniqueConstraint('list_id', 'row', name=op.f('uq_official_list_row_list_id_row'))
    )
    with op.batch_alter_table('official_list_row', schema=None) as batch_op:
        batch_op.create_index('ix_official_list_row_decision', ['list_id', 'decision', 'row'], unique=False)
        batch_op.create_index('ix_official_list_row_enterprise', ['enterprise_id'], unique=False)

    op.create_table('pool_member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pool_code', sa.String(length=60), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('town_id', sa.Integer(), nullable=True),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('stage_code', sa.String(length=60), nullable=True),
    sa.Column('stage_on', sa.Date(), nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=True),
    sa.Column('nominated_on', sa.Date(), nullable=True),
    sa.Column('entered_on', sa.Date(), nullable=True),
    sa.Column('closed_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('origin', sa.String(length=12), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(closed_on IS NULL) = (state IN ('nominated','member'))", name=op.f('ck_pool_member_closed')),
    sa.CheckConstraint("state IN ('nominated','member','refused','released','voided')", name=op.f('ck_pool_member_state')),
    sa.CheckConstraint('(enterprise_id IS NULL) <> (town_id IS NULL)', name=op.f('ck_pool_member_subject')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_pool_member_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_pool_member_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_member'))
    )
    with op.batch_alter_table('pool_member', schema=None) as batch_op:
        batch_op.create_index('ix_pool_member_enterprise', ['enterprise_id', 'pool_code'], unique=False)
        batch_op.create_index('ix_pool_member_pool', ['pool_code', 'state', 'stage_code', 'id'], unique=False)
        batch_op.create_index('uq_pool_member_open_enterprise', ['pool_code', 'enterprise_id'], unique=True, sqlite_where=sa.text('closed_on IS NULL'), postgresql_where=sa.text('closed_on IS NULL'))
        batch_op.create_index('uq_pool_member_open_town', ['pool_code', 'town_id'], unique=True, sqlite_where=sa.text('closed_on IS NULL'), postgresql_where=sa.text('closed_on IS NULL'))

    op.create_table('recognition_batch_version',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('batch_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('issuer', sa.String(length=80), nullable=True),
    sa.Column('recommended_on', sa.Date(), nullable=True),
    sa.Column('recommended_document', sa.String(length=120), nullable=True),
    sa.Column('noticed_on', sa.Date(), nullable=True),
    sa.Column('noticed_until', sa.Date(), nullable=True),
    sa.Column('noticed_document', sa.String(length=120), nullable=True),
    sa.Column('announced_on', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['recognition_batch.id'], name=op.f('fk_recognition_batch_version_batch_id_recognition_batch')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recognition_batch_version'))
    )
    with op.batch_alter_table('recognition_batch_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recognition_batch_version_batch_id'), ['batch_id'], unique=False)
        batch_op.create_index('uq_recognition_batch_current', ['batch_id'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('recognition_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title_code', sa.String(length=40), nullable=False),
    sa.Column('level', sa.String(length=12), nullable=False),
    sa.Column('batch_year', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.Column('result', sa.String(length=12), nullable=True),
    sa.Column('change', sa.String(length=12), nullable=True),
    sa.Column('old_text', sa.String(length=120), nullable=True),
    sa.Column('new_text', sa.String(length=120), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("change IN ('renamed','merged','split','moved','other')", name=op.f('ck_recognition_event_change')),
    sa.CheckConstraint("kind IN ('recommended','noticed','objected','announced','reviewed','changed','revoked','voided')", name=op.f('ck_recognition_event_kind')),
    sa.CheckConstraint("result IN ('passed','failed','upheld','dismissed','open')", name=op.f('ck_recognition_event_result')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_recognition_event_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recognition_event'))
    )
    with op.batch_alter_table('recognition_event', schema=None) as batch_op:
        batch_op.create_index('ix_recognition_event_batch', ['title_code', 'level', 'batch_year', 'kind'], unique=False)
        batch_op.create_index('ix_recognition_event_enterprise', ['enterprise_id', 'title_code'], unique=False)
        batch_op.create_index('uq_recognition_event_current', ['enterprise_id', 'title_code', 'level', 'batch_year', 'kind', 'happened_on'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('settled_difference',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('list_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code', sa.String(length=30), nullable=False),
    sa.Column('subject', sa.String(length=30), nullable=False),
    sa.Column('settlement', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('settled_at', UtcDateTime(), nullable=False),
    sa.Column('settled_by', sa.Integer(), nullable=True),
    sa.Column('settled_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("settlement IN ('recorded','corrected','ignored')", name=op.f('ck_settled_difference_settlement')),
    sa.ForeignKeyConstraint(['list_id'], ['official_list.id'], name=op.f('fk_settled_difference_list_id_official_list')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_settled_difference')),
    sa.UniqueConstraint('list_id', 'code', 'subject', name=op.f('uq_settled_difference_list_id_code_subject'))
    )
    op.create_table('verdict_candidate',
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('title', sa.String(length=40), nullable=False),
    sa.Column('open_count', sa.SmallInteger(), nullable=False),
    sa.Column('review', sa.SmallInteger(), nullable=False),
    sa.Column('lacking', sa.SmallInteger(), nullable=False),
    sa.CheckConstraint('open_count IN (0, 1)', name=op.f('ck_verdict_candidate_open_count')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_verdict_candidate_enterprise_id_enterprise'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('enterprise_id', 'title', name=op.f('pk_verdict_candidate'))
    )
    with op.batch_alter_table('verdict_candidate', schema=None) as batch_op:
        batch_op.create_index('ix_verdict_candidate_title', ['title', 'open_count', 'review', 'lacking', 'enterprise_id'], unique=False)

    op.create_table('yearly_duty',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('title_code', sa.String(length=40), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=8), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("outcome <> 'done' OR done_on IS NOT NULL", name=op.f('ck_yearly_duty_done_has_a_day')),
    sa.CheckConstraint("outcome IN ('done','missed')", name=op.f('ck_yearly_duty_outcome')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_yearly_duty_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_yearly_duty'))
    )
    with op.batch_alter_table('yearly_duty', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_yearly_duty_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_yearly_duty_year', ['year', 'outcome', 'enterprise_id', 'title_code'], unique=False)
        batch_op.create_index('uq_yearly_duty_current', ['enterprise_id', 'title_code', 'year'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('application',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('window_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('rule', sa.String(length=60), nullable=True),
    sa.Column('verdict', sa.String(length=20), nullable=True),
    sa.Column('snapshot_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('diagnosed_on', sa.Date(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('recognition_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint("state IN ('preparing','submitted','returned','county_passed','recommended','not_recommended','granted','refused','withdrawn')", name=op.f('ck_application_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_application_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['recognition_id'], ['recognition.id'], name=op.f('fk_application_recognition_id_recognition')),
    sa.ForeignKeyConstraint(['snapshot_id'], ['diagnosis_snapshot.id'], name=op.f('fk_application_snapshot_id_diagnosis_snapshot')),
    sa.ForeignKeyConstraint(['window_id'], ['application_window.id'], name=op.f('fk_application_window_id_application_window')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('window_id', 'enterprise_id', name=op.f('uq_application_window_id_enterprise_id'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_enterprise', ['enterprise_id'], unique=False)
        batch_op.create_index('ix_application_state', ['state', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_application_window_state', ['window_id', 'state', 'id'], unique=False)

    op.create_table('pool_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('stage_code', sa.String(length=60), nullable=True),
    sa.Column('owner', sa.String(length=60), nullable=True),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('nominated','admitted','refused','stage','owner','released')", name=op.f('ck_pool_step_kind')),
    sa.ForeignKeyConstraint(['member_id'], ['pool_member.id'], name=op.f('fk_pool_step_member_id_pool_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pool_step'))
    )
    with op.batch_alter_table('pool_step', schema=None) as batch_op:
        batch_op.create_index('ix_pool_step_day', ['happened_on', 'member_id'], unique=False)
        batch_op.create_index('ix_pool_step_member', ['member_id', 'id'], unique=False)

    op.create_table('application_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('from_state', sa.String(length=20), nullable=True),
    sa.Column('to_state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("to_state IN ('preparing','submitted','returned','county_passed','recommended','not_recommended','granted','refused','withdrawn')", name=op.f('ck_application_event_to_state')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_event_application_id_application')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_event'))
    )
    with op.batch_alter_table('application_event', schema=None) as batch_op:
        batch_op.create_index('ix_application_event', ['application_id', 'id'], unique=False)

    op.create_table('application_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('application_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('clause', sa.String(length=200), nullable=True),
    sa.Column('choice', sa.String(length=80), nullable=True),
    sa.Column('material', sa.String(length=60), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('changed_at', UtcDateTime(), nullable=True),
    sa.Column('changed_by', sa.Integer(), nullable=True),
    sa.CheckConstraint("state IN ('missing','ready','not_needed')", name=op.f('ck_application_item_state')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_item_application_id_application')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_application_item_file_id_stored_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_item')),
    sa.UniqueConstraint('application_id', 'key', name=op.f('uq_application_item_application_id_key'))
    )
    op.drop_table('town_count_year')
    op.drop_table('title_count_state')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.add_column(sa.Column('everywhere', sa.Boolean(), server_default=sa.false(), nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_column('everywhere')

    op.create_table('title_count_state',
    sa.Column('id', sa.INTEGER(), nullable=False),
    sa.Column('day', sa.DATE(), nullable=False),
    sa.Column('definition', sa.VARCHAR(length=64), nullable=False),
    sa.Column('first_year', sa.INTEGER(), nullable=False),
    sa.Column('computed_at', sa.DATETIME(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_title_count_state_single')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_title_count_state'))
    )
    op.create_table('town_count_year',
    sa.Column('year', sa.INTEGER(), nullable=False),
    sa.Column('definition', sa.VARCHAR(length=64), nullable=False),
    sa.Column('computed_at', sa.DATETIME(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_town_count_year'))
    )
    op.drop_table('application_item')
    with op.batch_alter_table('application_event', schema=None) as batch_op:
        batch_op.drop_index('ix_application_event')

    op.drop_table('application_event')
    with op.batch_alter_table('pool_step', schema=None) as batch_op:
        batch_op.drop_index('ix_pool_step_member')
        batch_op.drop_index('ix_pool_step_day')

    op.drop_table('pool_step')
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.drop_index('ix_application_window_state')
        batch_op.drop_index('ix_application_state')
        batch_op.drop_index('ix_application_enterprise')

    op.drop_table('application')
    with op.batch_alter_table('yearly_duty', schema=None) as batch_op:
        batch_op.drop_index('uq_yearly_duty_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_yearly_duty_year')
        batch_op.drop_index(batch_op.f('ix_yearly_duty_enterprise_id'))

    op.drop_table('yearly_duty')
    with op.batch_alter_table('verdict_candidate', schema=None) as batch_op:
        batch_op.drop_index('ix_verdict_candidate_title')

    op.drop_table('verdict_candidate')
    op.drop_table('settled_difference')
    with op.batch_alter_table('recognition_event', schema=None) as batch_op:
        batch_op.drop_index('uq_recognition_event_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_recognition_event_enterprise')
        batch_op.drop_index('ix_recognition_event_batch')

    op.drop_table('recognition_event')
    with op.batch_alter_table('recognition_batch_version', schema=None) as batch_op:
        batch_op.drop_index('uq_recognition_batch_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_recognition_batch_version_batch_id'))

    op.drop_table('recognition_batch_version')
    with op.batch_alter_table('pool_member', schema=None) as batch_op:
        batch_op.drop_index('uq_pool_member_open_town', sqlite_where=sa.text('closed_on IS NULL'), postgresql_where=sa.text('closed_on IS NULL'))
        batch_op.drop_index('uq_pool_member_open_enterprise', sqlite_where=sa.text('closed_on IS NULL'), postgresql_where=sa.text('closed_on IS NULL'))
        batch_op.drop_index('ix_pool_member_pool')
        batch_op.drop_index('ix_pool_member_enterprise')

    op.drop_table('pool_member')
    with op.batch_alter_table('official_list_row', schema=None) as batch_op:
        batch_op.drop_index('ix_official_list_row_enterprise')
        batch_op.drop_index('ix_official_list_row_decision')

    op.drop_table('official_list_row')
    with op.batch_alter_table('near_scale', schema=None) as batch_op:
        batch_op.drop_index('ix_near_scale_town')
        batch_op.drop_index('ix_near_scale_tier')
        batch_op.drop_index('ix_near_scale_pct')

    op.drop_table('near_scale')
    with op.batch_alter_table('name_match', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_name_match_enterprise_id'))

    op.drop_table('name_match')
    with op.batch_alter_table('lookalike_row', schema=None) as batch_op:
        batch_op.drop_index('uq_lookalike_row_enterprise')
        batch_op.drop_index('ix_lookalike_row_score')
        batch_op.drop_index(batch_op.f('ix_lookalike_row_enterprise_id'))

    op.drop_table('lookalike_row')
    with op.batch_alter_table('lookalike_answer', schema=None) as batch_op:
        batch_op.drop_index('uq_lookalike_answer_year')
        batch_op.drop_index(batch_op.f('ix_lookalike_answer_enterprise_id'))

    op.drop_table('lookalike_answer')
    with op.batch_alter_table('impact_row', schema=None) as batch_op:
        batch_op.drop_index('ix_impact_row_pair')
        batch_op.drop_index('ix_impact_row_enterprise')

    op.drop_table('impact_row')
    op.drop_table('enterprise_verdict')
    with op.batch_alter_table('enterprise_answer', schema=None) as batch_op:
        batch_op.drop_index('uq_enterprise_answer_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_enterprise_answer_subject')
        batch_op.drop_index('ix_enterprise_answer_enterprise')

    op.drop_table('enterprise_answer')
    with op.batch_alter_table('diagnosis_snapshot', schema=None) as batch_op:
        batch_op.drop_index('ix_diagnosis_snapshot_enterprise')

    op.drop_table('diagnosis_snapshot')
    op.drop_table('verdict_state')
    op.drop_table('town_count_city_year')
    op.drop_table('title_count_city')
    op.drop_table('recognition_batch')
    with op.batch_alter_table('official_list', schema=None) as batch_op:
        batch_op.drop_index('ix_official_list_area')

    op.drop_table('official_list')
    op.drop_table('near_scale_count')
    with op.batch_alter_table('lookalike_run', schema=None) as batch_op:
        batch_op.drop_index('ix_lookalike_run_pool')

    op.drop_table('lookalike_run')
    with op.batch_alter_table('impact_run', schema=None) as batch_op:
        batch_op.drop_index('ix_impact_run_city')

    op.drop_table('impact_run')
    with op.batch_alter_table('application_window', schema=None) as batch_op:
        batch_op.drop_index('ix_application_window_closes')

    op.drop_table('application_window')
    op.drop_table('search_pending')
    op.drop_table('near_scale_state')
    op.drop_table('import_enterprise')
