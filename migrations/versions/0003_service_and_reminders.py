"""Service and reminders: teams, visits, demands, due rows; what the ladder keeps of earlier knowledge

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from app.infra.db import ExactDecimal, JsonText, UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('due_refresh',
    sa.Column('capability', sa.String(length=20), nullable=False),
    sa.Column('seen_audit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('rules_key', sa.String(length=64), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('item_count', sa.Integer(), nullable=False),
    sa.Column('changed_count', sa.Integer(), nullable=False),
    sa.Column('milliseconds', sa.Integer(), nullable=False),
    sa.Column('unruled', sa.String(length=300), nullable=True),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('capability', name=op.f('pk_due_refresh'))
    )
    op.create_table('holiday_day',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('worked', sa.Boolean(), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holiday_day')),
    sa.UniqueConstraint('city_id', 'day', name=op.f('uq_holiday_day_city_id_day'))
    )
    op.create_table('register_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('register', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("kind IN ('proposed','admitted','refused','warned','cleared','renewed','ended','changed')", name=op.f('ck_register_step_kind')),
    sa.CheckConstraint("register IN ('provider','expert','resource')", name=op.f('ck_register_step_register')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_step'))
    )
    with op.batch_alter_table('register_step', schema=None) as batch_op:
        batch_op.create_index('ix_register_step_subject', ['register', 'subject_id', 'id'], unique=False)

    op.create_table('service_mark',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=60), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('marked_at', UtcDateTime(), nullable=False),
    sa.Column('marked_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("subject IN ('provider','expert','project')", name=op.f('ck_service_mark_subject')),
    sa.CheckConstraint('points >= 0 AND points <= 100', name=op.f('ck_service_mark_points')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_mark')),
    sa.UniqueConstraint('subject', 'subject_id', 'year', 'criterion', name=op.f('uq_service_mark_subject_subject_id_year_criterion'))
    )
    op.create_table('contest_round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('scheme', JsonText(), nullable=False),
    sa.Column('frozen', JsonText(), nullable=True),
    sa.Column('frozen_at', UtcDateTime(), nullable=True),
    sa.Column('frozen_name', sa.String(length=80), nullable=True),
    sa.Column('opened_at', UtcDateTime(), nullable=False),
    sa.Column('opened_name', sa.String(length=80), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("stage IN ('filling','county_check','department_check','scoring','veto_check','publicity','named','rewarded')", name=op.f('ck_contest_round_stage')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_contest_round_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_round')),
    sa.UniqueConstraint('city_id', 'year', name=op.f('uq_contest_round_city_id_year'))
    )
    op.create_table('demand_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('label', sa.String(length=60), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_demand_link_city_id_area')),
    sa.ForeignKeyConstraint(['unit_id'], ['area.id'], name=op.f('fk_demand_link_unit_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_link')),
    sa.UniqueConstraint('token', name=op.f('uq_demand_link_token'))
    )
    with op.batch_alter_table('demand_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_demand_link_city_id'), ['city_id'], unique=False)

    op.create_table('reminder_channel',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('area_id', sa.Integer(), nullable=False),
    sa.Column('host', sa.String(length=120), nullable=False),
    sa.Column('url_cipher', sa.String(length=1200), nullable=False),
    sa.Column('secret_cipher', sa.String(length=600), nullable=True),
    sa.Column('keyword', sa.String(length=40), nullable=True),
    sa.Column('codes', JsonText(), nullable=True),
    sa.Column('mode', sa.String(length=8), nullable=False),
    sa.Column('honours_key', sa.Boolean(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('next_digest_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint("kind IN ('wecom','dingtalk','hook')", name=op.f('ck_reminder_channel_kind')),
    sa.CheckConstraint("mode IN ('each','daily')", name=op.f('ck_reminder_channel_mode')),
    sa.ForeignKeyConstraint(['area_id'], ['area.id'], name=op.f('fk_reminder_channel_area_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_channel'))
    )
    with op.batch_alter_table('reminder_channel', schema=None) as batch_op:
        batch_op.create_index('ix_reminder_channel_area', ['area_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_reminder_channel_next_digest_at'), ['next_digest_at'], unique=False)

    op.create_table('service_score',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject', sa.String(length=10), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('cases', sa.Integer(), nullable=False),
    sa.Column('score', ExactDecimal(2), nullable=True),
    sa.Column('parts', JsonText(), nullable=False),
    sa.Column('proposal', sa.String(length=8), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('scheme', sa.String(length=64), nullable=False),
    sa.Column('computed_at', UtcDateTime(), nullable=False),
    sa.Column('decision', sa.String(length=8), nullable=True),
    sa.Column('decision_reason', sa.String(length=300), nullable=True),
    sa.Column('decided_on', sa.Date(), nullable=True),
    sa.Column('decided_name', sa.String(length=80), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("decision IN ('keep','warn','leave')", name=op.f('ck_service_score_decision')),
    sa.CheckConstraint("proposal IN ('keep','warn','leave','few','open')", name=op.f('ck_service_score_proposal')),
    sa.CheckConstraint("subject IN ('provider','expert','project')", name=op.f('ck_service_score_subject')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_service_score_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_score')),
    sa.UniqueConstraint('subject', 'subject_id', 'year', name=op.f('uq_service_score_subject_subject_id_year'))
    )
    with op.batch_alter_table('service_score', schema=None) as batch_op:
        batch_op.create_index('ix_service_score_list', ['city_id', 'subject', 'year', 'proposal'], unique=False)

    op.create_table('target_value',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('metric_code', sa.String(length=60), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('value', ExactDecimal(4), nullable=True),
    sa.Column('state', sa.String(length=40), nullable=True),
    sa.Column('source', sa.String(length=120), nullable=False),
    sa.Column('evidence', sa.String(length=300), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint('(value IS NULL) <> (state IS NULL)', name=op.f('ck_target_value_one_value')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_target_value_city_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_target_value'))
    )
    with op.batch_alter_table('target_value', schema=None) as batch_op:
        batch_op.create_index('ix_target_value_metric', ['city_id', 'metric_code', 'on_day'], unique=False)
        batch_op.create_index('uq_target_value_current', ['city_id', 'metric_code', 'on_day'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('veto_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('grade', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('found_on', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('decision', sa.String(length=300), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_name', sa.String(length=80), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("grade IN ('general','larger','major','extreme','none')", name=op.f('ck_veto_event_grade')),
    sa.CheckConstraint("kind IN ('accident','product','environment','statistics')", name=op.f('ck_veto_event_kind')),
    sa.CheckConstraint("state IN ('pending','positive','dismissed')", name=op.f('ck_veto_event_state')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_veto_event_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_veto_event'))
    )
    with op.batch_alter_table('veto_event', schema=None) as batch_op:
        batch_op.create_index('ix_veto_event_town', ['town_id', 'happened_on'], unique=False)

    op.create_table('consult_record',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('held_on', sa.Date(), nullable=False),
    sa.Column('topic', sa.String(length=120), nullable=False),
    sa.Column('platform', sa.String(length=120), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("kind IN ('consult','training')", name=op.f('ck_consult_record_kind')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_consult_record_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consult_record')),
    sa.UniqueConstraint('enterprise_id', 'kind', 'held_on', 'topic', name=op.f('uq_consult_record_enterprise_id_kind_held_on_topic'))
    )
    with op.batch_alter_table('consult_record', schema=None) as batch_op:
        batch_op.create_index('ix_consult_record_day', ['held_on', 'id'], unique=False)
        batch_op.create_index('ix_consult_record_kind', ['kind', 'enterprise_id'], unique=False)

    op.create_table('contest_edition',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('method', sa.String(length=12), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=120), nullable=False),
    sa.Column('content', JsonText(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_name', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_edition_round_id_contest_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_edition')),
    sa.UniqueConstraint('code', name=op.f('uq_contest_edition_code'))
    )
    with op.batch_alter_table('contest_edition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_edition_round_id'), ['round_id'], unique=False)

    op.create_table('contest_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("stage IN ('filling','county_check','department_check','scoring','veto_check','publicity','named','rewarded')", name=op.f('ck_contest_step_stage')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_step_round_id_contest_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_step'))
    )
    with op.batch_alter_table('contest_step', schema=None) as batch_op:
        batch_op.create_index('ix_contest_step_round', ['round_id', 'id'], unique=False)

    op.create_table('contest_value',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('item', sa.String(length=4), nullable=False),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('value', ExactDecimal(6), nullable=True),
    sa.Column('marks', sa.String(length=60), nullable=True),
    sa.Column('applies', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('office', sa.String(length=80), nullable=True),
    sa.Column('reporter', sa.String(length=80), nullable=True),
    sa.Column('reported_on', sa.Date(), nullable=True),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("source IN ('department','town','substitute')", name=op.f('ck_contest_value_source')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_value_round_id_contest_round')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_contest_value_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_value'))
    )
    with op.batch_alter_table('contest_value', schema=None) as batch_op:
        batch_op.create_index('ix_contest_value_history', ['round_id', 'town_id', 'item', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contest_value_town_id'), ['town_id'], unique=False)
        batch_op.create_index('uq_contest_value_standing', ['round_id', 'town_id', 'item', 'source'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('demand',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('token', sa.String(length=43), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('claimed_name', sa.String(length=120), nullable=True),
    sa.Column('claimed_code', sa.String(length=18), nullable=True),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('town_id', sa.Integer(), nullable=True),
    sa.Column('domain', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=True),
    sa.Column('raised_at', UtcDateTime(), nullable=False),
    sa.Column('raised_by', sa.Integer(), nullable=True),
    sa.Column('raised_name', sa.String(length=80), nullable=False),
    sa.Column('contact_name', sa.String(length=60), nullable=True),
    sa.Column('contact_phone_cipher', sa.Text(), nullable=True),
    sa.Column('contact_phone_mark', sa.String(length=64), nullable=True),
    sa.Column('contact_phone_masked', sa.String(length=20), nullable=True),
    sa.Column('consent', sa.Boolean(), nullable=False),
    sa.Column('fast', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('tab', sa.String(length=10), nullable=False),
    sa.Column('sort_at', UtcDateTime(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('handler_id', sa.Integer(), nullable=True),
    sa.Column('handler_name', sa.String(length=80), nullable=True),
    sa.Column('ruled', sa.Boolean(), nullable=False),
    sa.Column('needs_ruling', sa.Boolean(), nullable=False),
    sa.Column('bounce_count', sa.Integer(), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('contact_due_at', UtcDateTime(), nullable=True),
    sa.Column('contacted_at', UtcDateTime(), nullable=True),
    sa.Column('reply_due_at', UtcDateTime(), nullable=True),
    sa.Column('replied_at', UtcDateTime(), nullable=True),
    sa.Column('solve_due_at', UtcDateTime(), nullable=True),
    sa.Column('solved_at', UtcDateTime(), nullable=True),
    sa.Column('due_step', sa.String(length=10), nullable=True),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('yellow_at', UtcDateTime(), nullable=True),
    sa.Column('paused_at', UtcDateTime(), nullable=True),
    sa.Column('extension_count', sa.Integer(), nullable=False),
    sa.Column('instructed_at', UtcDateTime(), nullable=True),
    sa.Column('escalation_level', sa.Integer(), nullable=False),
    sa.Column('moved_at', UtcDateTime(), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('rating_note', sa.String(length=500), nullable=True),
    sa.Column('rated_at', UtcDateTime(), nullable=True),
    sa.Column('rated_via', sa.String(length=10), nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('reopen_count', sa.Integer(), nullable=False),
    sa.Column('call_back_count', sa.Integer(), nullable=False),
    sa.Column('duplicate_of_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('ip_mark', sa.String(length=64), nullable=True),
    sa.Column('entry_key', sa.String(length=64), nullable=False),
    sa.Column('legacy_number', sa.String(length=60), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.CheckConstraint("outcome IS NULL OR outcome IN ('solved','explained','cannot','unreachable')", name=op.f('ck_demand_outcome')),
    sa.CheckConstraint("source IN ('officer','visit','enterprise','public','import')", name=op.f('ck_demand_source')),
    sa.CheckConstraint("state IN ('new','sent','handling','waiting','answered','closed','rejected','withdrawn')", name=op.f('ck_demand_state')),
    sa.CheckConstraint("tab IN ('intake','handling','rating','done')", name=op.f('ck_demand_tab')),
    sa.CheckConstraint('rating IS NULL OR rating BETWEEN 1 AND 5', name=op.f('ck_demand_rating')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_demand_city_id_area')),
    sa.ForeignKeyConstraint(['duplicate_of_id'], ['demand.id'], name=op.f('fk_demand_duplicate_of_id_demand')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_demand_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_demand_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_demand_town_id_area')),
    sa.ForeignKeyConstraint(['unit_id'], ['area.id'], name=op.f('fk_demand_unit_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand')),
    sa.UniqueConstraint('entry_key', name=op.f('uq_demand_entry_key')),
    sa.UniqueConstraint('number', name=op.f('uq_demand_number')),
    sa.UniqueConstraint('token', name=op.f('uq_demand_token'))
    )
    with op.batch_alter_table('demand', schema=None) as batch_op:
        batch_op.create_index('ix_demand_city_raised', ['city_id', 'raised_at', 'id'], unique=False)
        batch_op.create_index('ix_demand_city_tab', ['city_id', 'tab', 'sort_at', 'id'], unique=False)
        batch_op.create_index('ix_demand_closed_at', ['closed_at'], unique=False, sqlite_where=sa.text("state = 'closed'"), postgresql_where=sa.text("state = 'closed'"))
        batch_op.create_index(batch_op.f('ix_demand_duplicate_of_id'), ['duplicate_of_id'], unique=False)
        batch_op.create_index('ix_demand_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_demand_handler', ['handler_id', 'tab', 'sort_at'], unique=False, sqlite_where=sa.text('handler_id IS NOT NULL'), postgresql_where=sa.text('handler_id IS NOT NULL'))
        batch_op.create_index('ix_demand_ip', ['ip_mark', 'raised_at'], unique=False, sqlite_where=sa.text('ip_mark IS NOT NULL'), postgresql_where=sa.text('ip_mark IS NOT NULL'))
        batch_op.create_index('ix_demand_open', ['sort_at', 'id'], unique=False, sqlite_where=sa.text("tab IN ('intake','handling')"), postgresql_where=sa.text("tab IN ('intake','handling')"))
        batch_op.create_index('ix_demand_organisation_tab', ['organisation_id', 'tab', 'sort_at', 'id'], unique=False)
        batch_op.create_index('ix_demand_rates', ['city_id', 'raised_at', 'organisation_id', 'unit_id', 'state', 'duplicate_of_id', 'contact_due_at', 'contacted_at', 'solve_due_at', 'solved_at', 'paused_at', 'rating', 'outcome'], unique=False)
        batch_op.create_index('ix_demand_rating', ['solved_at'], unique=False, sqlite_where=sa.text("tab = 'rating'"), postgresql_where=sa.text("tab = 'rating'"))
        batch_op.create_index('ix_demand_title', ['title'], unique=False)
        batch_op.create_index('ix_demand_unit_raised', ['unit_id', 'raised_at', 'id'], unique=False)
        batch_op.create_index('ix_demand_unit_tab', ['unit_id', 'tab', 'sort_at', 'id'], unique=False)
        batch_op.create_index('ix_demand_unmatched', ['city_id', 'id'], unique=False, sqlite_where=sa.text('enterprise_id IS NULL'), postgresql_where=sa.text('enterprise_id IS NULL'))
        batch_op.create_index('ix_demand_visit', ['visit_id'], unique=False, sqlite_where=sa.text('visit_id IS NOT NULL'), postgresql_where=sa.text('visit_id IS NOT NULL'))

    op.create_table('demand_department',
    sa.Column('organisation_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_demand_department_city_id_area')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_demand_department_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('organisation_id', name=op.f('pk_demand_department')),
    sa.UniqueConstraint('city_id', 'code', name=op.f('uq_demand_department_city_id_code'))
    )
    with op.batch_alter_table('demand_department', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_demand_department_city_id'), ['city_id'], unique=False)

    op.create_table('department_contact',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=True),
    sa.Column('phone_cipher', sa.Text(), nullable=True),
    sa.Column('phone_masked', sa.String(length=20), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_department_contact_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_department_contact'))
    )
    with op.batch_alter_table('department_contact', schema=None) as batch_op:
        batch_op.create_index('ix_department_contact_organisation', ['organisation_id', 'id'], unique=False)

    op.create_table('disturbance',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('on_day', sa.Date(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('invited', sa.Boolean(), nullable=False),
    sa.Column('over_cap', sa.Boolean(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.String(length=12), nullable=False),
    sa.Column('source_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.Column('voided_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('visit','call','form','training')", name=op.f('ck_disturbance_kind')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_disturbance_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disturbance')),
    sa.UniqueConstraint('source', 'source_id', name=op.f('uq_disturbance_source_source_id'))
    )
    with op.batch_alter_table('disturbance', schema=None) as batch_op:
        batch_op.create_index('ix_disturbance_day', ['on_day', 'id'], unique=False)
        batch_op.create_index('ix_disturbance_enterprise', ['enterprise_id', 'on_day'], unique=False)
        batch_op.create_index('ix_disturbance_over', ['on_day'], unique=False, sqlite_where=sa.text('over_cap'), postgresql_where=sa.text('over_cap'))

    op.create_table('due_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('capability', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=True),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('endpoint', sa.String(length=80), nullable=False),
    sa.Column('arguments', JsonText(), nullable=True),
    sa.Column('verb', sa.String(length=20), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('liaison_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('town_id', sa.Integer(), nullable=True),
    sa.Column('unit_id', sa.Integer(), nullable=True),
    sa.Column('city_id', sa.Integer(), nullable=True),
    sa.Column('holder', sa.String(length=24), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('plan_on', sa.Date(), nullable=False),
    sa.Column('next_at', UtcDateTime(), nullable=True),
    sa.Column('spoken_until', UtcDateTime(), nullable=True),
    sa.Column('snoozed_until', sa.Date(), nullable=True),
    sa.Column('handed_to', sa.String(length=24), nullable=True),
    sa.Column('handed_by', sa.Integer(), nullable=True),
    sa.Column('supervised_at', UtcDateTime(), nullable=True),
    sa.Column('opened_at', UtcDateTime(), nullable=False),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('open','done','closed')", name=op.f('ck_due_item_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_due_item_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due_item')),
    sa.UniqueConstraint('capability', 'kind', 'subject', 'due_on', name=op.f('uq_due_item_capability_kind_subject_due_on'))
    )
    with op.batch_alter_table('due_item', schema=None) as batch_op:
        batch_op.create_index('ix_due_item_city', ['city_id', 'plan_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index(batch_op.f('ix_due_item_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_due_item_handed_by', ['handed_by', 'id'], unique=False, sqlite_where=sa.text('handed_by IS NOT NULL'), postgresql_where=sa.text('handed_by IS NOT NULL'))
        batch_op.create_index('ix_due_item_holder', ['holder', 'plan_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_due_item_next_at', ['next_at', 'id'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.create_index('ix_due_item_supervised', ['city_id', 'id'], unique=False, sqlite_where=sa.text('supervised_at IS NOT NULL'), postgresql_where=sa.text('supervised_at IS NOT NULL'))
        batch_op.create_index('ix_due_item_unit', ['unit_id', 'plan_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('provider',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('credit_code', sa.String(length=18), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('origin', sa.String(length=12), nullable=False),
    sa.Column('tier', sa.String(length=8), nullable=True),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('qualification', sa.String(length=500), nullable=True),
    sa.Column('staff_count', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(length=200), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('domains', sa.String(length=600), nullable=False),
    sa.Column('industries', sa.String(length=400), nullable=False),
    sa.Column('units', sa.String(length=300), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('intro', sa.String(length=1000), nullable=True),
    sa.Column('contact_name', sa.String(length=60), nullable=True),
    sa.Column('phone_cipher', sa.Text(), nullable=True),
    sa.Column('phone_mark', sa.String(length=64), nullable=True),
    sa.Column('phone_masked', sa.String(length=20), nullable=True),
    sa.Column('consent_on', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('company','platform','institute','university','finance','law','accounting','association','other')", name=op.f('ck_provider_kind')),
    sa.CheckConstraint("origin IN ('local','elsewhere')", name=op.f('ck_provider_origin')),
    sa.CheckConstraint("state IN ('proposed','active','warned','ended','refused')", name=op.f('ck_provider_state')),
    sa.CheckConstraint("tier IN ('city','county','node')", name=op.f('ck_provider_tier')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_provider_city_id_area')),
    sa.ForeignKeyConstraint(['id'], ['organisation.id'], name=op.f('fk_provider_id_organisation')),
    sa.ForeignKeyConstraint(['parent_id'], ['provider.id'], name=op.f('fk_provider_parent_id_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider')),
    sa.UniqueConstraint('city_id', 'credit_code', name=op.f('uq_provider_city_id_credit_code'))
    )
    with op.batch_alter_table('provider', schema=None) as batch_op:
        batch_op.create_index('ix_provider_list', ['city_id', 'state', 'name', 'id'], unique=False)
        batch_op.create_index('ix_provider_valid_to', ['valid_to'], unique=False)

    op.create_table('service_project',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('provider_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('goal', sa.String(length=500), nullable=False),
    sa.Column('domain_code', sa.String(length=60), nullable=True),
    sa.Column('action_code', sa.String(length=60), nullable=True),
    sa.Column('lead_name', sa.String(length=60), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('summary', sa.String(length=1000), nullable=True),
    sa.Column('delivered_on', sa.Date(), nullable=True),
    sa.Column('delivered_by', sa.Integer(), nullable=True),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('accepted_by', sa.Integer(), nullable=True),
    sa.Column('accepted_name', sa.String(length=80), nullable=True),
    sa.Column('opinion', sa.String(length=500), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('service','transform')", name=op.f('ck_service_project_kind')),
    sa.CheckConstraint("state IN ('draft','active','delivered','accepted','stopped')", name=op.f('ck_service_project_state')),
    sa.CheckConstraint('team_id IS NOT NULL OR provider_id IS NOT NULL', name=op.f('ck_service_project_has_a_carrier')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_service_project_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_project'))
    )
    with op.batch_alter_table('service_project', schema=None) as batch_op:
        batch_op.create_index('ix_service_project_accepted', ['accepted_on', 'id'], unique=False)
        batch_op.create_index('ix_service_project_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_service_project_provider', ['provider_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_service_project_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_service_project_team', ['team_id', 'state', 'id'], unique=False)

    op.create_table('service_request',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('domain_code', sa.String(length=60), nullable=True),
    sa.Column('action_code', sa.String(length=60), nullable=True),
    sa.Column('wished_on', sa.Date(), nullable=True),
    sa.Column('contact_name', sa.String(length=60), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('answered_at', UtcDateTime(), nullable=True),
    sa.Column('closed_at', UtcDateTime(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("source IN ('contact','officer','link','visit')", name=op.f('ck_service_request_source')),
    sa.CheckConstraint("state IN ('new','accepted','booked','done','refused','withdrawn')", name=op.f('ck_service_request_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_service_request_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_request'))
    )
    with op.batch_alter_table('service_request', schema=None) as batch_op:
        batch_op.create_index('ix_service_request_asked', ['asked_at', 'id'], unique=False)
        batch_op.create_index('ix_service_request_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_service_request_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_service_request_team', ['team_id', 'state', 'id'], unique=False)
        batch_op.create_index('ix_service_request_waiting', ['due_at'], unique=False, sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))

    op.create_table('service_snapshot',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('entered_on', sa.Date(), nullable=True),
    sa.Column('revenue_yuan', ExactDecimal(2), nullable=True),
    sa.Column('tax_yuan', ExactDecimal(2), nullable=True),
    sa.Column('rd_expense_yuan', ExactDecimal(2), nullable=True),
    sa.Column('employee_count', sa.Integer(), nullable=True),
    sa.Column('digital_grade', sa.Integer(), nullable=True),
    sa.Column('titles', sa.String(length=300), nullable=False),
    sa.Column('rung', sa.String(length=40), nullable=True),
    sa.Column('taken_at', UtcDateTime(), nullable=False),
    sa.Column('taken_by', sa.Integer(), nullable=True),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('baseline','yearly')", name=op.f('ck_service_snapshot_kind')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_service_snapshot_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_snapshot'))
    )
    with op.batch_alter_table('service_snapshot', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_snapshot_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('uq_service_snapshot_baseline', ['enterprise_id'], unique=True, sqlite_where=sa.text("superseded_at IS NULL AND kind = 'baseline'"), postgresql_where=sa.text("superseded_at IS NULL AND kind = 'baseline'"))
        batch_op.create_index('uq_service_snapshot_current', ['enterprise_id', 'kind', 'year'], unique=True, sqlite_where=sa.text("superseded_at IS NULL AND kind = 'yearly'"), postgresql_where=sa.text("superseded_at IS NULL AND kind = 'yearly'"))

    op.create_table('service_step',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('step', sa.String(length=16), nullable=False),
    sa.Column('from_state', sa.String(length=12), nullable=True),
    sa.Column('to_state', sa.String(length=12), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_service_step_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_step'))
    )
    with op.batch_alter_table('service_step', schema=None) as batch_op:
        batch_op.create_index('ix_service_step_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_service_step_subject', ['subject', 'subject_id', 'id'], unique=False)

    op.create_table('service_team',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('domains', sa.String(length=600), nullable=False),
    sa.Column('industries', sa.String(length=400), nullable=False),
    sa.Column('units', sa.String(length=300), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('host', sa.String(length=120), nullable=True),
    sa.Column('intro', sa.String(length=1000), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('formed_on', sa.Date(), nullable=False),
    sa.Column('dissolved_on', sa.Date(), nullable=True),
    sa.Column('end_reason', sa.String(length=300), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_service_team_city_id_area')),
    sa.ForeignKeyConstraint(['id'], ['organisation.id'], name=op.f('fk_service_team_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_team')),
    sa.UniqueConstraint('city_id', 'number', name=op.f('uq_service_team_city_id_number'))
    )
    with op.batch_alter_table('service_team', schema=None) as batch_op:
        batch_op.create_index('ix_service_team_city', ['city_id', 'dissolved_on', 'number'], unique=False)

    op.create_table('veto_signoff',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('clear', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('signed_at', UtcDateTime(), nullable=False),
    sa.Column('signed_name', sa.String(length=80), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.CheckConstraint("kind IN ('accident','product','environment','statistics')", name=op.f('ck_veto_signoff_kind')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_veto_signoff_round_id_contest_round')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_veto_signoff_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_veto_signoff'))
    )
    with op.batch_alter_table('veto_signoff', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_veto_signoff_town_id'), ['town_id'], unique=False)
        batch_op.create_index('uq_veto_signoff_standing', ['round_id', 'town_id', 'kind'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('visit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('visited_on', sa.Date(), nullable=True),
    sa.Column('mode', sa.String(length=10), nullable=False),
    sa.Column('basis', sa.String(length=12), nullable=True),
    sa.Column('appointment_id', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('internal_note', sa.Text(), nullable=True),
    sa.Column('feedback_given', sa.Boolean(), nullable=True),
    sa.Column('feedback', sa.String(length=500), nullable=True),
    sa.Column('next_contact_on', sa.Date(), nullable=True),
    sa.Column('next_contact_why', sa.String(length=200), nullable=True),
    sa.Column('latitude', ExactDecimal(6), nullable=True),
    sa.Column('longitude', ExactDecimal(6), nullable=True),
    sa.Column('accuracy_m', sa.Integer(), nullable=True),
    sa.Column('device_at', UtcDateTime(), nullable=True),
    sa.Column('via', sa.String(length=16), nullable=False),
    sa.Column('client_key', sa.String(length=80), nullable=True),
    sa.Column('content_hash', sa.String(length=64), nullable=True),
    sa.Column('confirm_state', sa.String(length=10), nullable=False),
    sa.Column('review_state', sa.String(length=10), nullable=False),
    sa.Column('review_note', sa.String(length=300), nullable=True),
    sa.Column('reviewed_at', UtcDateTime(), nullable=True),
    sa.Column('reviewed_name', sa.String(length=80), nullable=True),
    sa.Column('draft', JsonText(), nullable=True),
    sa.Column('void_reason', sa.String(length=200), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_name', sa.String(length=80), nullable=False),
    sa.Column('logged_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("basis IS NULL OR basis IN ('request','appointment','revisit','approved')", name=op.f('ck_visit_basis')),
    sa.CheckConstraint("confirm_state IN ('open','confirmed','differs','denied')", name=op.f('ck_visit_confirm_state')),
    sa.CheckConstraint("mode IN ('on_site','online','phone','centre')", name=op.f('ck_visit_mode')),
    sa.CheckConstraint("review_state IN ('open','passed','returned')", name=op.f('ck_visit_review_state')),
    sa.CheckConstraint("state = 'draft' OR visited_on IS NOT NULL", name=op.f('ck_visit_dated')),
    sa.CheckConstraint("state IN ('draft','complete','void')", name=op.f('ck_visit_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_visit_enterprise_id_enterprise')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit')),
    sa.UniqueConstraint('created_by', 'client_key', name=op.f('uq_visit_created_by_client_key'))
    )
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.create_index('ix_visit_appointment', ['appointment_id'], unique=False, sqlite_where=sa.text('appointment_id IS NOT NULL'), postgresql_where=sa.text('appointment_id IS NOT NULL'))
        batch_op.create_index('ix_visit_author', ['created_by', 'state', 'id'], unique=False)
        batch_op.create_index('ix_visit_contact', ['next_contact_on'], unique=False, sqlite_where=sa.text("state = 'complete' AND next_contact_on IS NOT NULL"), postgresql_where=sa.text("state = 'complete' AND next_contact_on IS NOT NULL"))
        batch_op.create_index('ix_visit_day', ['visited_on', 'id'], unique=False)
        batch_op.create_index('ix_visit_enterprise', ['enterprise_id', 'visited_on'], unique=False)
        batch_op.create_index('ix_visit_position', ['enterprise_id', 'id'], unique=False, sqlite_where=sa.text('latitude IS NOT NULL'), postgresql_where=sa.text('latitude IS NOT NULL'))
        batch_op.create_index('ix_visit_project', ['project_id'], unique=False, sqlite_where=sa.text('project_id IS NOT NULL'), postgresql_where=sa.text('project_id IS NOT NULL'))
        batch_op.create_index('ix_visit_team', ['team_id', 'visited_on'], unique=False)
        batch_op.create_index('ix_visit_unconfirmed', ['logged_at'], unique=False, sqlite_where=sa.text("state = 'complete' AND confirm_state = 'open'"), postgresql_where=sa.text("state = 'complete' AND confirm_state = 'open'"))

    op.create_table('appointment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('request_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('basis', sa.String(length=12), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('planned_on', sa.Date(), nullable=False),
    sa.Column('starts', sa.String(length=5), nullable=True),
    sa.Column('ends', sa.String(length=5), nullable=True),
    sa.Column('mode', sa.String(length=10), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('contact_name', sa.String(length=60), nullable=True),
    sa.Column('over_cap', sa.Boolean(), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('approval_reason', sa.String(length=200), nullable=True),
    sa.Column('approved_by', sa.Integer(), nullable=True),
    sa.Column('approved_name', sa.String(length=80), nullable=True),
    sa.Column('confirmed_at', UtcDateTime(), nullable=True),
    sa.Column('confirmed_how', sa.String(length=8), nullable=True),
    sa.Column('asked_change', sa.String(length=200), nullable=True),
    sa.Column('visited_on', sa.Date(), nullable=True),
    sa.Column('closed_reason', sa.String(length=200), nullable=True),
    sa.Column('planned_by', sa.Integer(), nullable=True),
    sa.Column('planned_name', sa.String(length=80), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("basis IN ('request','appointment','revisit')", name=op.f('ck_appointment_basis')),
    sa.CheckConstraint("mode IN ('on_site','online','phone','centre')", name=op.f('ck_appointment_mode')),
    sa.CheckConstraint("state IN ('awaiting','proposed','confirmed','done','cancelled','rejected')", name=op.f('ck_appointment_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_appointment_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['project_id'], ['service_project.id'], name=op.f('fk_appointment_project_id_service_project')),
    sa.ForeignKeyConstraint(['request_id'], ['service_request.id'], name=op.f('fk_appointment_request_id_service_request')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment'))
    )
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.create_index('ix_appointment_enterprise', ['enterprise_id', 'planned_on'], unique=False)
        batch_op.create_index('ix_appointment_open', ['planned_on', 'team_id'], unique=False, sqlite_where=sa.text("state IN ('awaiting','proposed','confirmed')"), postgresql_where=sa.text("state IN ('awaiting','proposed','confirmed')"))
        batch_op.create_index('ix_appointment_over', ['planned_on'], unique=False, sqlite_where=sa.text('over_cap'), postgresql_where=sa.text('over_cap'))
        batch_op.create_index('ix_appointment_planned', ['planned_on', 'id'], unique=False)
        batch_op.create_index('ix_appointment_project', ['project_id'], unique=False)
        batch_op.create_index('ix_appointment_request', ['request_id'], unique=False)
        batch_op.create_index('ix_appointment_team', ['team_id', 'planned_on'], unique=False)

    op.create_table('assignment_proposal',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('to_team_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=True),
    sa.Column('made_name', sa.String(length=80), nullable=False),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_name', sa.String(length=80), nullable=True),
    sa.Column('answer', sa.String(length=300), nullable=True),
    sa.CheckConstraint("kind IN ('move','end')", name=op.f('ck_assignment_proposal_kind')),
    sa.CheckConstraint("state IN ('open','accepted','refused','withdrawn')", name=op.f('ck_assignment_proposal_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_assignment_proposal_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['team_id'], ['service_team.id'], name=op.f('fk_assignment_proposal_team_id_service_team')),
    sa.ForeignKeyConstraint(['to_team_id'], ['service_team.id'], name=op.f('fk_assignment_proposal_to_team_id_service_team')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_proposal'))
    )
    with op.batch_alter_table('assignment_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_proposal_enterprise_id'), ['enterprise_id'], unique=False)
        batch_op.create_index('ix_assignment_proposal_state', ['state', 'id'], unique=False)
        batch_op.create_index('ix_assignment_proposal_team', ['team_id', 'id'], unique=False)
        batch_op.create_index('uq_assignment_proposal_open', ['enterprise_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('calendar_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_calendar_link_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_calendar_link_token_hash'))
    )
    with op.batch_alter_table('calendar_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_calendar_link_user_id'), ['user_id'], unique=False)

    op.create_table('contest_mark',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('town_id', sa.Integer(), nullable=False),
    sa.Column('item', sa.String(length=4), nullable=False),
    sa.Column('reviewer_id', sa.Integer(), nullable=False),
    sa.Column('reviewer_name', sa.String(length=80), nullable=False),
    sa.Column('grade', sa.String(length=4), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('evidence', sa.String(length=300), nullable=False),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('superseded_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['reviewer_id'], ['user.id'], name=op.f('fk_contest_mark_reviewer_id_user')),
    sa.ForeignKeyConstraint(['round_id'], ['contest_round.id'], name=op.f('fk_contest_mark_round_id_contest_round')),
    sa.ForeignKeyConstraint(['town_id'], ['area.id'], name=op.f('fk_contest_mark_town_id_area')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_mark'))
    )
    with op.batch_alter_table('contest_mark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_mark_town_id'), ['town_id'], unique=False)
        batch_op.create_index('uq_contest_mark_standing', ['round_id', 'town_id', 'item', 'reviewer_id'], unique=True, sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))

    op.create_table('delivery',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(length=160), nullable=False),
    sa.Column('channel', sa.String(length=10), nullable=False),
    sa.Column('channel_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('due_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('area_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=340), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', UtcDateTime(), nullable=False),
    sa.Column('lease_owner', sa.String(length=80), nullable=True),
    sa.Column('lease_until', UtcDateTime(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('tried_at', UtcDateTime(), nullable=True),
    sa.Column('sent_at', UtcDateTime(), nullable=True),
    sa.Column('error', sa.String(length=300), nullable=True),
    sa.Column('settled_by', sa.String(length=80), nullable=True),
    sa.CheckConstraint("channel IN ('mail','sms','wecom','dingtalk','hook')", name=op.f('ck_delivery_channel')),
    sa.CheckConstraint("state IN ('waiting','sending','sent','failed','unknown','cancelled')", name=op.f('ck_delivery_state')),
    sa.ForeignKeyConstraint(['channel_id'], ['reminder_channel.id'], name=op.f('fk_delivery_channel_id_reminder_channel')),
    sa.ForeignKeyConstraint(['due_id'], ['due_item.id'], name=op.f('fk_delivery_due_id_due_item')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_delivery_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delivery')),
    sa.UniqueConstraint('key', name=op.f('uq_delivery_key'))
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_channel_id'), ['channel_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_due_id'), ['due_id'], unique=False)
        batch_op.create_index('ix_delivery_sending', ['lease_until', 'id'], unique=False, sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))
        batch_op.create_index('ix_delivery_state', ['state', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_delivery_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_delivery_waiting', ['not_before', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('demand_clock',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=10), nullable=False),
    sa.Column('started_at', UtcDateTime(), nullable=False),
    sa.Column('first_due_at', UtcDateTime(), nullable=False),
    sa.Column('due_at', UtcDateTime(), nullable=False),
    sa.Column('yellow_at', UtcDateTime(), nullable=False),
    sa.Column('met_at', UtcDateTime(), nullable=True),
    sa.Column('limit_words', sa.String(length=30), nullable=False),
    sa.Column('document', sa.String(length=60), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.CheckConstraint("step IN ('contact','reply','solve')", name=op.f('ck_demand_clock_step')),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], name=op.f('fk_demand_clock_demand_id_demand')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_clock'))
    )
    with op.batch_alter_table('demand_clock', schema=None) as batch_op:
        batch_op.create_index('uq_demand_clock', ['demand_id', 'round', 'step'], unique=True)

    op.create_table('demand_event',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('raised','matched','dispatch','take','accept','refuse','transfer','ruling','contact','attempt','reply','note','pause','resume','supplement','extend','extension_approved','extension_refused','assist','assist_accept','assist_done','assist_refuse','instruct','escalate','finish','rate','unrated','reopen','call_back','reject','duplicate','withdraw','file','tagged','imported')", name=op.f('ck_demand_event_kind')),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], name=op.f('fk_demand_event_demand_id_demand')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_demand_event_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_event'))
    )
    with op.batch_alter_table('demand_event', schema=None) as batch_op:
        batch_op.create_index('ix_demand_event_demand', ['demand_id', 'id'], unique=False)

    op.create_table('demand_extension',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('workdays', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('asked_at', UtcDateTime(), nullable=False),
    sa.Column('asked_name', sa.String(length=80), nullable=False),
    sa.Column('old_due_at', UtcDateTime(), nullable=False),
    sa.Column('new_due_at', UtcDateTime(), nullable=True),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_name', sa.String(length=80), nullable=True),
    sa.Column('decision', sa.String(length=500), nullable=True),
    sa.CheckConstraint("state IN ('asked','approved','refused')", name=op.f('ck_demand_extension_state')),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], name=op.f('fk_demand_extension_demand_id_demand')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_extension'))
    )
    with op.batch_alter_table('demand_extension', schema=None) as batch_op:
        batch_op.create_index('ix_demand_extension_demand', ['demand_id', 'id'], unique=False)
        batch_op.create_index('uq_demand_extension_asked', ['demand_id'], unique=True, sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))

    op.create_table('demand_file',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('told', sa.Boolean(), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], name=op.f('fk_demand_file_demand_id_demand')),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_demand_file_file_id_stored_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_file'))
    )
    with op.batch_alter_table('demand_file', schema=None) as batch_op:
        batch_op.create_index('ix_demand_file_demand', ['demand_id', 'id'], unique=False)

    op.create_table('demand_part',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=8), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('ask', sa.String(length=500), nullable=True),
    sa.Column('opinion', sa.Text(), nullable=True),
    sa.Column('sent_at', UtcDateTime(), nullable=False),
    sa.Column('accepted_at', UtcDateTime(), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('handler_name', sa.String(length=80), nullable=True),
    sa.CheckConstraint("role IN ('lead','assist')", name=op.f('ck_demand_part_role')),
    sa.CheckConstraint("state IN ('sent','handling','done','refused','gone')", name=op.f('ck_demand_part_state')),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], name=op.f('fk_demand_part_demand_id_demand')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_demand_part_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_part'))
    )
    with op.batch_alter_table('demand_part', schema=None) as batch_op:
        batch_op.create_index('ix_demand_part_demand', ['demand_id', 'id'], unique=False)
        batch_op.create_index('ix_demand_part_organisation', ['organisation_id', 'state', 'demand_id'], unique=False)
        batch_op.create_index('uq_demand_part_active', ['demand_id', 'organisation_id'], unique=True, sqlite_where=sa.text("state IN ('sent','handling','done')"), postgresql_where=sa.text("state IN ('sent','handling','done')"))

    op.create_table('demand_pause',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('demand_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('round', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('from_at', UtcDateTime(), nullable=False),
    sa.Column('until_at', UtcDateTime(), nullable=False),
    sa.Column('to_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], name=op.f('fk_demand_pause_demand_id_demand')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_demand_pause'))
    )
    with op.batch_alter_table('demand_pause', schema=None) as batch_op:
        batch_op.create_index('ix_demand_pause_demand', ['demand_id', 'id'], unique=False)

    op.create_table('due_note',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('due_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('holder', sa.String(length=24), nullable=True),
    sa.CheckConstraint("kind IN ('done','reopened','planned','snoozed','handed','urged','supervised','lifted')", name=op.f('ck_due_note_kind')),
    sa.ForeignKeyConstraint(['due_id'], ['due_item.id'], name=op.f('fk_due_note_due_id_due_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_due_note'))
    )
    with op.batch_alter_table('due_note', schema=None) as batch_op:
        batch_op.create_index('ix_due_note_by', ['by_id', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_due_note_due_id'), ['due_id'], unique=False)

    op.create_table('expert',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('employer', sa.String(length=120), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=True),
    sa.Column('strengths', sa.String(length=60), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('selection', sa.String(length=300), nullable=True),
    sa.Column('conflict', sa.String(length=500), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('domains', sa.String(length=600), nullable=False),
    sa.Column('industries', sa.String(length=400), nullable=False),
    sa.Column('units', sa.String(length=300), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('intro', sa.String(length=1000), nullable=True),
    sa.Column('contact_name', sa.String(length=60), nullable=True),
    sa.Column('phone_cipher', sa.Text(), nullable=True),
    sa.Column('phone_mark', sa.String(length=64), nullable=True),
    sa.Column('phone_masked', sa.String(length=20), nullable=True),
    sa.Column('consent_on', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('proposed','active','warned','ended','refused')", name=op.f('ck_expert_state')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_expert_city_id_area')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_expert_provider_id_provider')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_expert_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_expert')),
    sa.UniqueConstraint('city_id', 'name', 'employer', name=op.f('uq_expert_city_id_name_employer'))
    )
    with op.batch_alter_table('expert', schema=None) as batch_op:
        batch_op.create_index('ix_expert_list', ['city_id', 'state', 'name', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_expert_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_expert_user_id'), ['user_id'], unique=False)
        batch_op.create_index('ix_expert_valid_to', ['valid_to'], unique=False)

    op.create_table('finance_need',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('amount_yuan', ExactDecimal(2), nullable=False),
    sa.Column('months', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('bank', sa.String(length=120), nullable=True),
    sa.Column('granted_yuan', ExactDecimal(2), nullable=True),
    sa.Column('result', sa.String(length=200), nullable=True),
    sa.Column('next_on', sa.Date(), nullable=True),
    sa.Column('raised_on', sa.Date(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('working','renovation','bridge','chain','bond','equity','other')", name=op.f('ck_finance_need_kind')),
    sa.CheckConstraint("state IN ('open','tutoring','matched','granted','failed','withdrawn')", name=op.f('ck_finance_need_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_finance_need_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_finance_need_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finance_need'))
    )
    with op.batch_alter_table('finance_need', schema=None) as batch_op:
        batch_op.create_index('ix_finance_need_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_finance_need_next', ['next_on', 'id'], unique=False, sqlite_where=sa.text('next_on IS NOT NULL'), postgresql_where=sa.text('next_on IS NOT NULL'))
        batch_op.create_index('ix_finance_need_state', ['state', 'id'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('due_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('step', sa.String(length=30), nullable=False),
    sa.Column('title', sa.String(length=340), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('endpoint', sa.String(length=80), nullable=False),
    sa.Column('arguments', JsonText(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('folded', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('read_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['due_id'], ['due_item.id'], name=op.f('fk_notice_due_id_due_item')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_notice_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('user_id', 'key', name=op.f('uq_notice_user_id_key'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_created', ['user_id', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_due_id'), ['due_id'], unique=False)
        batch_op.create_index('ix_notice_unread', ['user_id', 'id'], unique=False, sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.create_index('ix_notice_user', ['user_id', 'folded', 'id'], unique=False)

    op.create_table('project_result',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('unit', sa.String(length=20), nullable=True),
    sa.Column('before', ExactDecimal(4), nullable=True),
    sa.Column('after', ExactDecimal(4), nullable=True),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['service_project.id'], name=op.f('fk_project_result_project_id_service_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project_result'))
    )
    with op.batch_alter_table('project_result', schema=None) as batch_op:
        batch_op.create_index('ix_project_result_project', ['project_id', 'id'], unique=False)

    op.create_table('register_change',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('register', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('content', JsonText(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_name', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('decided_at', UtcDateTime(), nullable=True),
    sa.Column('decided_name', sa.String(length=80), nullable=True),
    sa.CheckConstraint("register IN ('provider','resource')", name=op.f('ck_register_change_register')),
    sa.CheckConstraint("state IN ('open','taken','refused','withdrawn')", name=op.f('ck_register_change_state')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_register_change_provider_id_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_change'))
    )
    with op.batch_alter_table('register_change', schema=None) as batch_op:
        batch_op.create_index('ix_register_change_provider', ['provider_id', 'id'], unique=False)
        batch_op.create_index('ix_register_change_state', ['state', 'id'], unique=False)
        batch_op.create_index('uq_register_change_open', ['register', 'subject_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.create_table('reminder_preference',
    sa.Column('user_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('mail_cipher', sa.String(length=500), nullable=True),
    sa.Column('phone_cipher', sa.String(length=200), nullable=True),
    sa.Column('mail_mode', sa.String(length=8), nullable=False),
    sa.Column('sms_mode', sa.String(length=8), nullable=False),
    sa.Column('quiet_from', sa.Integer(), nullable=True),
    sa.Column('quiet_to', sa.Integer(), nullable=True),
    sa.Column('digest_at', sa.Integer(), nullable=True),
    sa.Column('next_digest_at', UtcDateTime(), nullable=True),
    sa.Column('digested_until', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("mail_mode IN ('none','each','daily')", name=op.f('ck_reminder_preference_mail_mode')),
    sa.CheckConstraint("sms_mode IN ('none','each','daily')", name=op.f('ck_reminder_preference_sms_mode')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_reminder_preference_user_id_user')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_reminder_preference'))
    )
    with op.batch_alter_table('reminder_preference', schema=None) as batch_op:
        batch_op.create_index('ix_reminder_preference_digest', ['next_digest_at'], unique=False)

    op.create_table('service_diagnosis',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('edition', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('template_code', sa.String(length=60), nullable=False),
    sa.Column('template_label', sa.String(length=120), nullable=False),
    sa.Column('pack_hash', sa.String(length=64), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.Column('experts', sa.String(length=200), nullable=True),
    sa.Column('situation', sa.String(length=1000), nullable=True),
    sa.Column('conclusion', sa.String(length=1000), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('created_name', sa.String(length=80), nullable=False),
    sa.Column('finished_at', UtcDateTime(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('light','full')", name=op.f('ck_service_diagnosis_kind')),
    sa.CheckConstraint("state IN ('draft','finished')", name=op.f('ck_service_diagnosis_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_service_diagnosis_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['project_id'], ['service_project.id'], name=op.f('fk_service_diagnosis_project_id_service_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_diagnosis')),
    sa.UniqueConstraint('enterprise_id', 'kind', 'edition', name=op.f('uq_service_diagnosis_enterprise_id_kind_edition'))
    )
    with op.batch_alter_table('service_diagnosis', schema=None) as batch_op:
        batch_op.create_index('ix_service_diagnosis_finished', ['kind', 'enterprise_id'], unique=False, sqlite_where=sa.text("state = 'finished'"), postgresql_where=sa.text("state = 'finished'"))
        batch_op.create_index('ix_service_diagnosis_list', ['state', 'id'], unique=False)

    op.create_table('service_resource',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('owner', sa.String(length=120), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=True),
    sa.Column('free', sa.Boolean(), nullable=False),
    sa.Column('price_yuan', ExactDecimal(2), nullable=True),
    sa.Column('price_note', sa.String(length=120), nullable=True),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('city_id', sa.Integer(), nullable=False),
    sa.Column('domains', sa.String(length=600), nullable=False),
    sa.Column('industries', sa.String(length=400), nullable=False),
    sa.Column('units', sa.String(length=300), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('intro', sa.String(length=1000), nullable=True),
    sa.Column('contact_name', sa.String(length=60), nullable=True),
    sa.Column('phone_cipher', sa.Text(), nullable=True),
    sa.Column('phone_mark', sa.String(length=64), nullable=True),
    sa.Column('phone_masked', sa.String(length=20), nullable=True),
    sa.Column('consent_on', sa.Date(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=True),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('source', sa.String(length=60), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('updated_at', UtcDateTime(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('product','course','equipment','finance')", name=op.f('ck_service_resource_kind')),
    sa.CheckConstraint("state IN ('proposed','active','warned','ended','refused')", name=op.f('ck_service_resource_state')),
    sa.CheckConstraint('price_yuan IS NULL OR price_yuan >= 0', name=op.f('ck_service_resource_price')),
    sa.ForeignKeyConstraint(['city_id'], ['area.id'], name=op.f('fk_service_resource_city_id_area')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_service_resource_provider_id_provider')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_resource')),
    sa.UniqueConstraint('city_id', 'kind', 'name', 'owner', name=op.f('uq_service_resource_city_id_kind_name_owner'))
    )
    with op.batch_alter_table('service_resource', schema=None) as batch_op:
        batch_op.create_index('ix_service_resource_list', ['city_id', 'state', 'name', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_service_resource_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index('ix_service_resource_valid_to', ['valid_to'], unique=False)

    op.create_table('visit_callback',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('result', sa.String(length=12), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=True),
    sa.Column('called_on', sa.Date(), nullable=False),
    sa.Column('called_by', sa.Integer(), nullable=True),
    sa.Column('called_name', sa.String(length=80), nullable=False),
    sa.CheckConstraint("result IN ('true','differs','false','unreached')", name=op.f('ck_visit_callback_result')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_callback_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_callback')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_visit_callback_visit_id'))
    )
    op.create_table('visit_change',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', UtcDateTime(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('by_name', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('old', JsonText(), nullable=True),
    sa.Column('new', JsonText(), nullable=True),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_change_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_change'))
    )
    with op.batch_alter_table('visit_change', schema=None) as batch_op:
        batch_op.create_index('ix_visit_change_visit', ['visit_id', 'id'], unique=False)

    op.create_table('visit_finding',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('severity', sa.String(length=8), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=True),
    sa.Column('stage_code', sa.String(length=60), nullable=True),
    sa.Column('action_code', sa.String(length=60), nullable=True),
    sa.Column('domain_code', sa.String(length=60), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('settled_note', sa.String(length=300), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IS NULL OR kind IN ('pain','difficulty','weakness')", name=op.f('ck_visit_finding_kind')),
    sa.CheckConstraint("severity IN ('yellow','red')", name=op.f('ck_visit_finding_severity')),
    sa.CheckConstraint("state IN ('open','done','dropped')", name=op.f('ck_visit_finding_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_visit_finding_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_finding_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_finding'))
    )
    with op.batch_alter_table('visit_finding', schema=None) as batch_op:
        batch_op.create_index('ix_visit_finding_enterprise', ['enterprise_id', 'state'], unique=False)
        batch_op.create_index('ix_visit_finding_open', ['severity', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_visit_finding_visit', ['visit_id'], unique=False)

    op.create_table('visit_link',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('expires_at', UtcDateTime(), nullable=False),
    sa.Column('used_at', UtcDateTime(), nullable=True),
    sa.Column('revoked_at', UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_link_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_visit_link_token_hash'))
    )
    with op.batch_alter_table('visit_link', schema=None) as batch_op:
        batch_op.create_index('ix_visit_link_visit', ['visit_id'], unique=False)

    op.create_table('visit_person',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('side', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=60), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("side IN ('team','enterprise')", name=op.f('ck_visit_person_side')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_person_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_person'))
    )
    with op.batch_alter_table('visit_person', schema=None) as batch_op:
        batch_op.create_index('ix_visit_person_user', ['user_id', 'visit_id'], unique=False)
        batch_op.create_index('ix_visit_person_visit', ['visit_id'], unique=False)

    op.create_table('visit_photo',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('added_at', UtcDateTime(), nullable=False),
    sa.Column('added_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['stored_file.id'], name=op.f('fk_visit_photo_file_id_stored_file')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_photo_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_photo')),
    sa.UniqueConstraint('visit_id', 'file_id', name=op.f('uq_visit_photo_visit_id_file_id'))
    )
    op.create_table('visit_promise',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=True),
    sa.Column('owner_user_id', sa.Integer(), nullable=True),
    sa.Column('to_whom', sa.String(length=60), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('settled_note', sa.String(length=300), nullable=True),
    sa.Column('informed_on', sa.Date(), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state = 'open' OR settled_note IS NOT NULL", name=op.f('ck_visit_promise_evidence')),
    sa.CheckConstraint("state IN ('open','done','dropped')", name=op.f('ck_visit_promise_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_visit_promise_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_promise_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_promise'))
    )
    with op.batch_alter_table('visit_promise', schema=None) as batch_op:
        batch_op.create_index('ix_visit_promise_due', ['due_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_visit_promise_enterprise', ['enterprise_id', 'state'], unique=False)
        batch_op.create_index('ix_visit_promise_team', ['team_id', 'state', 'due_on'], unique=False)
        batch_op.create_index('ix_visit_promise_visit', ['visit_id'], unique=False)

    op.create_table('visit_topic',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.CheckConstraint("kind IN ('action','stage','help','domain')", name=op.f('ck_visit_topic_kind')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_topic_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_topic')),
    sa.UniqueConstraint('visit_id', 'kind', 'code', name=op.f('uq_visit_topic_visit_id_kind_code'))
    )
    with op.batch_alter_table('visit_topic', schema=None) as batch_op:
        batch_op.create_index('ix_visit_topic_code', ['kind', 'code', 'visit_id'], unique=False)

    op.create_table('appointment_person',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('appointment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_appointment_person_appointment_id_appointment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment_person')),
    sa.UniqueConstraint('appointment_id', 'user_id', name=op.f('uq_appointment_person_appointment_id_user_id'))
    )
    with op.batch_alter_table('appointment_person', schema=None) as batch_op:
        batch_op.create_index('ix_appointment_person_user', ['user_id', 'appointment_id'], unique=False)

    op.create_table('appointment_team',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('appointment_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=True),
    sa.Column('joined_at', UtcDateTime(), nullable=False),
    sa.Column('joined_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['appointment_id'], ['appointment.id'], name=op.f('fk_appointment_team_appointment_id_appointment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointment_team')),
    sa.UniqueConstraint('appointment_id', 'team_id', name=op.f('uq_appointment_team_appointment_id_team_id'))
    )
    with op.batch_alter_table('appointment_team', schema=None) as batch_op:
        batch_op.create_index('ix_appointment_team_team', ['team_id', 'appointment_id'], unique=False)

    op.create_table('diagnosis_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('diagnosis_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('label', sa.String(length=200), nullable=False),
    sa.Column('stage_code', sa.String(length=60), nullable=True),
    sa.Column('action_code', sa.String(length=60), nullable=True),
    sa.Column('answer', sa.String(length=8), nullable=True),
    sa.Column('kind', sa.String(length=12), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=True),
    sa.Column('measure', sa.String(length=500), nullable=True),
    sa.CheckConstraint("answer IS NULL OR answer IN ('ok','yellow','red','na')", name=op.f('ck_diagnosis_item_answer')),
    sa.CheckConstraint("kind IS NULL OR kind IN ('pain','difficulty','weakness')", name=op.f('ck_diagnosis_item_kind')),
    sa.ForeignKeyConstraint(['diagnosis_id'], ['service_diagnosis.id'], name=op.f('fk_diagnosis_item_diagnosis_id_service_diagnosis')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_diagnosis_item')),
    sa.UniqueConstraint('diagnosis_id', 'code', name=op.f('uq_diagnosis_item_diagnosis_id_code'))
    )
    with op.batch_alter_table('diagnosis_item', schema=None) as batch_op:
        batch_op.create_index('ix_diagnosis_item_found', ['answer', 'diagnosis_id'], unique=False, sqlite_where=sa.text("answer IN ('yellow','red')"), postgresql_where=sa.text("answer IN ('yellow','red')"))

    op.create_table('improvement_plan',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('diagnosis_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('project_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('benchmark', sa.String(length=200), nullable=True),
    sa.Column('owner', sa.String(length=60), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('delivered_by', sa.Integer(), nullable=True),
    sa.Column('accepted_on', sa.Date(), nullable=True),
    sa.Column('accepted_name', sa.String(length=80), nullable=True),
    sa.Column('opinion', sa.String(length=500), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('draft','active','delivered','accepted','stopped')", name=op.f('ck_improvement_plan_state')),
    sa.ForeignKeyConstraint(['diagnosis_id'], ['service_diagnosis.id'], name=op.f('fk_improvement_plan_diagnosis_id_service_diagnosis')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_improvement_plan_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['project_id'], ['service_project.id'], name=op.f('fk_improvement_plan_project_id_service_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_improvement_plan'))
    )
    with op.batch_alter_table('improvement_plan', schema=None) as batch_op:
        batch_op.create_index('ix_improvement_plan_enterprise', ['enterprise_id', 'id'], unique=False)
        batch_op.create_index('ix_improvement_plan_state', ['state', 'id'], unique=False)

    op.create_table('team_member',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('unit', sa.String(length=120), nullable=True),
    sa.Column('title', sa.String(length=60), nullable=True),
    sa.Column('expert_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('capacity', sa.Integer(), nullable=True),
    sa.Column('phone_cipher', sa.Text(), nullable=True),
    sa.Column('phone_mark', sa.String(length=64), nullable=True),
    sa.Column('phone_masked', sa.String(length=20), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('document', sa.String(length=120), nullable=True),
    sa.Column('end_reason', sa.String(length=300), nullable=True),
    sa.Column('ended_at', UtcDateTime(), nullable=True),
    sa.Column('recorded_at', UtcDateTime(), nullable=False),
    sa.Column('recorded_name', sa.String(length=80), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("role IN ('leader','deputy','expert','liaison')", name=op.f('ck_team_member_role')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to >= valid_from', name=op.f('ck_team_member_dates')),
    sa.ForeignKeyConstraint(['expert_id'], ['expert.id'], name=op.f('fk_team_member_expert_id_expert')),
    sa.ForeignKeyConstraint(['team_id'], ['service_team.id'], name=op.f('fk_team_member_team_id_service_team')),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_team_member_user_id_user')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_member'))
    )
    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_team_member_expert_id'), ['expert_id'], unique=False)
        batch_op.create_index('ix_team_member_team', ['team_id', 'valid_from'], unique=False)
        batch_op.create_index('ix_team_member_user', ['user_id', 'valid_from'], unique=False)
        batch_op.create_index('ix_team_member_valid_to', ['valid_to'], unique=False)

    op.create_table('visit_answer',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('link_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', UtcDateTime(), nullable=False),
    sa.Column('answered_on', sa.Date(), nullable=False),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('said_on', sa.Date(), nullable=True),
    sa.Column('said_mode', sa.String(length=10), nullable=True),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('comment', sa.String(length=500), nullable=True),
    sa.Column('charge_yuan', ExactDecimal(2), nullable=True),
    sa.Column('charge_text', sa.String(length=500), nullable=True),
    sa.Column('charge_state', sa.String(length=10), nullable=True),
    sa.Column('charge_note', sa.String(length=300), nullable=True),
    sa.CheckConstraint("charge_state IS NULL OR charge_state IN ('open','settled')", name=op.f('ck_visit_answer_charge_state')),
    sa.CheckConstraint("said_mode IS NULL OR said_mode IN ('on_site','online','phone','centre')", name=op.f('ck_visit_answer_said_mode')),
    sa.CheckConstraint("verdict IN ('confirmed','differs','denied')", name=op.f('ck_visit_answer_verdict')),
    sa.CheckConstraint('rating IS NULL OR rating BETWEEN 1 AND 5', name=op.f('ck_visit_answer_rating')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_visit_answer_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['link_id'], ['visit_link.id'], name=op.f('fk_visit_answer_link_id_visit_link')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_answer_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_answer')),
    sa.UniqueConstraint('visit_id', name=op.f('uq_visit_answer_visit_id'))
    )
    with op.batch_alter_table('visit_answer', schema=None) as batch_op:
        batch_op.create_index('ix_visit_answer_charge', ['charge_state', 'id'], unique=False, sqlite_where=sa.text('charge_state IS NOT NULL'), postgresql_where=sa.text('charge_state IS NOT NULL'))
        batch_op.create_index('ix_visit_answer_enterprise', ['enterprise_id'], unique=False)
        batch_op.create_index('ix_visit_answer_team', ['team_id', 'answered_on'], unique=False, sqlite_where=sa.text('rating IS NOT NULL'), postgresql_where=sa.text('rating IS NOT NULL'))

    op.create_table('visit_measure',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('visit_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('enterprise_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('finding_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('text', sa.String(length=500), nullable=False),
    sa.Column('owner', sa.String(length=60), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.Column('settled_note', sa.String(length=300), nullable=True),
    sa.Column('created_at', UtcDateTime(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("state IN ('open','done','dropped')", name=op.f('ck_visit_measure_state')),
    sa.ForeignKeyConstraint(['enterprise_id'], ['enterprise.id'], name=op.f('fk_visit_measure_enterprise_id_enterprise')),
    sa.ForeignKeyConstraint(['finding_id'], ['visit_finding.id'], name=op.f('fk_visit_measure_finding_id_visit_finding')),
    sa.ForeignKeyConstraint(['visit_id'], ['visit.id'], name=op.f('fk_visit_measure_visit_id_visit')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visit_measure'))
    )
    with op.batch_alter_table('visit_measure', schema=None) as batch_op:
        batch_op.create_index('ix_visit_measure_due', ['due_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_visit_measure_enterprise', ['enterprise_id', 'state'], unique=False)
        batch_op.create_index('ix_visit_measure_finding', ['finding_id'], unique=False, sqlite_where=sa.text('finding_id IS NOT NULL'), postgresql_where=sa.text('finding_id IS NOT NULL'))
        batch_op.create_index('ix_visit_measure_visit', ['visit_id'], unique=False)

    op.create_table('plan_item',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('problem', sa.String(length=500), nullable=False),
    sa.Column('gap', sa.String(length=500), nullable=True),
    sa.Column('measure', sa.String(length=500), nullable=True),
    sa.Column('target', sa.String(length=500), nullable=True),
    sa.Column('stage_code', sa.String(length=60), nullable=True),
    sa.Column('owner', sa.String(length=60), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=True),
    sa.Column('evidence', sa.String(length=200), nullable=True),
    sa.CheckConstraint("state IN ('open','done','dropped')", name=op.f('ck_plan_item_state')),
    sa.ForeignKeyConstraint(['plan_id'], ['improvement_plan.id'], name=op.f('fk_plan_item_plan_id_improvement_plan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_plan_item'))
    )
    with op.batch_alter_table('plan_item', schema=None) as batch_op:
        batch_op.create_index('ix_plan_item_due', ['due_on', 'id'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_plan_item_plan', ['plan_id', 'position'], unique=False)

    op.create_table('team_handover',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('from_member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('to_member_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('happened_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('note', sa.String(length=1000), nullable=True),
    sa.Column('firm_count', sa.Integer(), nullable=False),
    sa.Column('package', JsonText(), nullable=True),
    sa.Column('made_at', UtcDateTime(), nullable=False),
    sa.Column('made_name', sa.String(length=80), nullable=False),
    sa.Column('acknowledged_at', UtcDateTime(), nullable=True),
    sa.Column('acknowledged_name', sa.String(length=80), nullable=True),
    sa.Column('acknowledged_note', sa.String(length=300), nullable=True),
    sa.ForeignKeyConstraint(['from_member_id'], ['team_member.id'], name=op.f('fk_team_handover_from_member_id_team_member')),
    sa.ForeignKeyConstraint(['team_id'], ['service_team.id'], name=op.f('fk_team_handover_team_id_service_team')),
    sa.ForeignKeyConstraint(['to_member_id'], ['team_member.id'], name=op.f('fk_team_handover_to_member_id_team_member')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_handover'))
    )
    with op.batch_alter_table('team_handover', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_team_handover_from_member_id'), ['from_member_id'], unique=False)
        batch_op.create_index('ix_team_handover_team', ['team_id', 'id'], unique=False)
        batch_op.create_index('ix_team_handover_to', ['to_member_id'], unique=False)

    with op.batch_alter_table('enterprise_assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('member_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('kind', sa.String(length=10), server_default='team', nullable=False))
        batch_op.add_column(sa.Column('reason', sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column('end_reason', sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column('recorded_at', UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('recorded_name', sa.String(length=80), nullable=True))
        batch_op.create_index('ix_enterprise_assignment_liaison', ['liaison_user_id', 'enterprise_id'], unique=False)
        batch_op.create_index('ix_enterprise_assignment_member', ['member_id'], unique=False)
        batch_op.create_index('ix_enterprise_assignment_provider', ['provider_id'], unique=False)
        batch_op.create_index('uq_enterprise_assignment_open', ['enterprise_id', 'kind'], unique=True, sqlite_where=sa.text('valid_to IS NULL'), postgresql_where=sa.text('valid_to IS NULL'))



def downgrade() -> None:
    with op.batch_alter_table('enterprise_assignment', schema=None) as batch_op:
        batch_op.drop_index('uq_enterprise_assignment_open', sqlite_where=sa.text('valid_to IS NULL'), postgresql_where=sa.text('valid_to IS NULL'))
        batch_op.drop_index('ix_enterprise_assignment_provider')
        batch_op.drop_index('ix_enterprise_assignment_member')
        batch_op.drop_index('ix_enterprise_assignment_liaison')
        batch_op.drop_column('recorded_name')
        batch_op.drop_column('recorded_at')
        batch_op.drop_column('end_reason')
        batch_op.drop_column('reason')
        batch_op.drop_column('kind')
        batch_op.drop_column('member_id')

    with op.batch_alter_table('team_handover', schema=None) as batch_op:
        batch_op.drop_index('ix_team_handover_to')
        batch_op.drop_index('ix_team_handover_team')
        batch_op.drop_index(batch_op.f('ix_team_handover_from_member_id'))

    op.drop_table('team_handover')
    with op.batch_alter_table('plan_item', schema=None) as batch_op:
        batch_op.drop_index('ix_plan_item_plan')
        batch_op.drop_index('ix_plan_item_due', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.drop_table('plan_item')
    with op.batch_alter_table('visit_measure', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_measure_visit')
        batch_op.drop_index('ix_visit_measure_finding', sqlite_where=sa.text('finding_id IS NOT NULL'), postgresql_where=sa.text('finding_id IS NOT NULL'))
        batch_op.drop_index('ix_visit_measure_enterprise')
        batch_op.drop_index('ix_visit_measure_due', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.drop_table('visit_measure')
    with op.batch_alter_table('visit_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_answer_team', sqlite_where=sa.text('rating IS NOT NULL'), postgresql_where=sa.text('rating IS NOT NULL'))
        batch_op.drop_index('ix_visit_answer_enterprise')
        batch_op.drop_index('ix_visit_answer_charge', sqlite_where=sa.text('charge_state IS NOT NULL'), postgresql_where=sa.text('charge_state IS NOT NULL'))

    op.drop_table('visit_answer')
    with op.batch_alter_table('team_member', schema=None) as batch_op:
        batch_op.drop_index('ix_team_member_valid_to')
        batch_op.drop_index('ix_team_member_user')
        batch_op.drop_index('ix_team_member_team')
        batch_op.drop_index(batch_op.f('ix_team_member_expert_id'))

    op.drop_table('team_member')
    with op.batch_alter_table('improvement_plan', schema=None) as batch_op:
        batch_op.drop_index('ix_improvement_plan_state')
        batch_op.drop_index('ix_improvement_plan_enterprise')

    op.drop_table('improvement_plan')
    with op.batch_alter_table('diagnosis_item', schema=None) as batch_op:
        batch_op.drop_index('ix_diagnosis_item_found', sqlite_where=sa.text("answer IN ('yellow','red')"), postgresql_where=sa.text("answer IN ('yellow','red')"))

    op.drop_table('diagnosis_item')
    with op.batch_alter_table('appointment_team', schema=None) as batch_op:
        batch_op.drop_index('ix_appointment_team_team')

    op.drop_table('appointment_team')
    with op.batch_alter_table('appointment_person', schema=None) as batch_op:
        batch_op.drop_index('ix_appointment_person_user')

    op.drop_table('appointment_person')
    with op.batch_alter_table('visit_topic', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_topic_code')

    op.drop_table('visit_topic')
    with op.batch_alter_table('visit_promise', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_promise_visit')
        batch_op.drop_index('ix_visit_promise_team')
        batch_op.drop_index('ix_visit_promise_enterprise')
        batch_op.drop_index('ix_visit_promise_due', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.drop_table('visit_promise')
    op.drop_table('visit_photo')
    with op.batch_alter_table('visit_person', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_person_visit')
        batch_op.drop_index('ix_visit_person_user')

    op.drop_table('visit_person')
    with op.batch_alter_table('visit_link', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_link_visit')

    op.drop_table('visit_link')
    with op.batch_alter_table('visit_finding', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_finding_visit')
        batch_op.drop_index('ix_visit_finding_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_visit_finding_enterprise')

    op.drop_table('visit_finding')
    with op.batch_alter_table('visit_change', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_change_visit')

    op.drop_table('visit_change')
    op.drop_table('visit_callback')
    with op.batch_alter_table('service_resource', schema=None) as batch_op:
        batch_op.drop_index('ix_service_resource_valid_to')
        batch_op.drop_index(batch_op.f('ix_service_resource_provider_id'))
        batch_op.drop_index('ix_service_resource_list')

    op.drop_table('service_resource')
    with op.batch_alter_table('service_diagnosis', schema=None) as batch_op:
        batch_op.drop_index('ix_service_diagnosis_list')
        batch_op.drop_index('ix_service_diagnosis_finished', sqlite_where=sa.text("state = 'finished'"), postgresql_where=sa.text("state = 'finished'"))

    op.drop_table('service_diagnosis')
    with op.batch_alter_table('reminder_preference', schema=None) as batch_op:
        batch_op.drop_index('ix_reminder_preference_digest')

    op.drop_table('reminder_preference')
    with op.batch_alter_table('register_change', schema=None) as batch_op:
        batch_op.drop_index('uq_register_change_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_register_change_state')
        batch_op.drop_index('ix_register_change_provider')

    op.drop_table('register_change')
    with op.batch_alter_table('project_result', schema=None) as batch_op:
        batch_op.drop_index('ix_project_result_project')

    op.drop_table('project_result')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_user')
        batch_op.drop_index('ix_notice_unread', sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_notice_due_id'))
        batch_op.drop_index('ix_notice_created')

    op.drop_table('notice')
    with op.batch_alter_table('finance_need', schema=None) as batch_op:
        batch_op.drop_index('ix_finance_need_state')
        batch_op.drop_index('ix_finance_need_next', sqlite_where=sa.text('next_on IS NOT NULL'), postgresql_where=sa.text('next_on IS NOT NULL'))
        batch_op.drop_index('ix_finance_need_enterprise')

    op.drop_table('finance_need')
    with op.batch_alter_table('expert', schema=None) as batch_op:
        batch_op.drop_index('ix_expert_valid_to')
        batch_op.drop_index(batch_op.f('ix_expert_user_id'))
        batch_op.drop_index(batch_op.f('ix_expert_provider_id'))
        batch_op.drop_index('ix_expert_list')

    op.drop_table('expert')
    with op.batch_alter_table('due_note', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_due_note_due_id'))
        batch_op.drop_index('ix_due_note_by')

    op.drop_table('due_note')
    with op.batch_alter_table('demand_pause', schema=None) as batch_op:
        batch_op.drop_index('ix_demand_pause_demand')

    op.drop_table('demand_pause')
    with op.batch_alter_table('demand_part', schema=None) as batch_op:
        batch_op.drop_index('uq_demand_part_active', sqlite_where=sa.text("state IN ('sent','handling','done')"), postgresql_where=sa.text("state IN ('sent','handling','done')"))
        batch_op.drop_index('ix_demand_part_organisation')
        batch_op.drop_index('ix_demand_part_demand')

    op.drop_table('demand_part')
    with op.batch_alter_table('demand_file', schema=None) as batch_op:
        batch_op.drop_index('ix_demand_file_demand')

    op.drop_table('demand_file')
    with op.batch_alter_table('demand_extension', schema=None) as batch_op:
        batch_op.drop_index('uq_demand_extension_asked', sqlite_where=sa.text("state = 'asked'"), postgresql_where=sa.text("state = 'asked'"))
        batch_op.drop_index('ix_demand_extension_demand')

    op.drop_table('demand_extension')
    with op.batch_alter_table('demand_event', schema=None) as batch_op:
        batch_op.drop_index('ix_demand_event_demand')

    op.drop_table('demand_event')
    with op.batch_alter_table('demand_clock', schema=None) as batch_op:
        batch_op.drop_index('uq_demand_clock')

    op.drop_table('demand_clock')
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.drop_index('ix_delivery_waiting', sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))
        batch_op.drop_index(batch_op.f('ix_delivery_user_id'))
        batch_op.drop_index('ix_delivery_state')
        batch_op.drop_index('ix_delivery_sending', sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"))
        batch_op.drop_index(batch_op.f('ix_delivery_due_id'))
        batch_op.drop_index(batch_op.f('ix_delivery_channel_id'))

    op.drop_table('delivery')
    with op.batch_alter_table('contest_mark', schema=None) as batch_op:
        batch_op.drop_index('uq_contest_mark_standing', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_contest_mark_town_id'))

    op.drop_table('contest_mark')
    with op.batch_alter_table('calendar_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_calendar_link_user_id'))

    op.drop_table('calendar_link')
    with op.batch_alter_table('assignment_proposal', schema=None) as batch_op:
        batch_op.drop_index('uq_assignment_proposal_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_assignment_proposal_team')
        batch_op.drop_index('ix_assignment_proposal_state')
        batch_op.drop_index(batch_op.f('ix_assignment_proposal_enterprise_id'))

    op.drop_table('assignment_proposal')
    with op.batch_alter_table('appointment', schema=None) as batch_op:
        batch_op.drop_index('ix_appointment_team')
        batch_op.drop_index('ix_appointment_request')
        batch_op.drop_index('ix_appointment_project')
        batch_op.drop_index('ix_appointment_planned')
        batch_op.drop_index('ix_appointment_over', sqlite_where=sa.text('over_cap'), postgresql_where=sa.text('over_cap'))
        batch_op.drop_index('ix_appointment_open', sqlite_where=sa.text("state IN ('awaiting','proposed','confirmed')"), postgresql_where=sa.text("state IN ('awaiting','proposed','confirmed')"))
        batch_op.drop_index('ix_appointment_enterprise')

    op.drop_table('appointment')
    with op.batch_alter_table('visit', schema=None) as batch_op:
        batch_op.drop_index('ix_visit_unconfirmed', sqlite_where=sa.text("state = 'complete' AND confirm_state = 'open'"), postgresql_where=sa.text("state = 'complete' AND confirm_state = 'open'"))
        batch_op.drop_index('ix_visit_team')
        batch_op.drop_index('ix_visit_project', sqlite_where=sa.text('project_id IS NOT NULL'), postgresql_where=sa.text('project_id IS NOT NULL'))
        batch_op.drop_index('ix_visit_position', sqlite_where=sa.text('latitude IS NOT NULL'), postgresql_where=sa.text('latitude IS NOT NULL'))
        batch_op.drop_index('ix_visit_enterprise')
        batch_op.drop_index('ix_visit_day')
        batch_op.drop_index('ix_visit_contact', sqlite_where=sa.text("state = 'complete' AND next_contact_on IS NOT NULL"), postgresql_where=sa.text("state = 'complete' AND next_contact_on IS NOT NULL"))
        batch_op.drop_index('ix_visit_author')
        batch_op.drop_index('ix_visit_appointment', sqlite_where=sa.text('appointment_id IS NOT NULL'), postgresql_where=sa.text('appointment_id IS NOT NULL'))

    op.drop_table('visit')
    with op.batch_alter_table('veto_signoff', schema=None) as batch_op:
        batch_op.drop_index('uq_veto_signoff_standing', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_veto_signoff_town_id'))

    op.drop_table('veto_signoff')
    with op.batch_alter_table('service_team', schema=None) as batch_op:
        batch_op.drop_index('ix_service_team_city')

    op.drop_table('service_team')
    with op.batch_alter_table('service_step', schema=None) as batch_op:
        batch_op.drop_index('ix_service_step_subject')
        batch_op.drop_index('ix_service_step_enterprise')

    op.drop_table('service_step')
    with op.batch_alter_table('service_snapshot', schema=None) as batch_op:
        batch_op.drop_index('uq_service_snapshot_current', sqlite_where=sa.text("superseded_at IS NULL AND kind = 'yearly'"), postgresql_where=sa.text("superseded_at IS NULL AND kind = 'yearly'"))
        batch_op.drop_index('uq_service_snapshot_baseline', sqlite_where=sa.text("superseded_at IS NULL AND kind = 'baseline'"), postgresql_where=sa.text("superseded_at IS NULL AND kind = 'baseline'"))
        batch_op.drop_index(batch_op.f('ix_service_snapshot_enterprise_id'))

    op.drop_table('service_snapshot')
    with op.batch_alter_table('service_request', schema=None) as batch_op:
        batch_op.drop_index('ix_service_request_waiting', sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))
        batch_op.drop_index('ix_service_request_team')
        batch_op.drop_index('ix_service_request_state')
        batch_op.drop_index('ix_service_request_enterprise')
        batch_op.drop_index('ix_service_request_asked')

    op.drop_table('service_request')
    with op.batch_alter_table('service_project', schema=None) as batch_op:
        batch_op.drop_index('ix_service_project_team')
        batch_op.drop_index('ix_service_project_state')
        batch_op.drop_index('ix_service_project_provider')
        batch_op.drop_index('ix_service_project_enterprise')
        batch_op.drop_index('ix_service_project_accepted')

    op.drop_table('service_project')
    with op.batch_alter_table('provider', schema=None) as batch_op:
        batch_op.drop_index('ix_provider_valid_to')
        batch_op.drop_index('ix_provider_list')

    op.drop_table('provider')
    with op.batch_alter_table('due_item', schema=None) as batch_op:
        batch_op.drop_index('ix_due_item_unit', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_due_item_supervised', sqlite_where=sa.text('supervised_at IS NOT NULL'), postgresql_where=sa.text('supervised_at IS NOT NULL'))
        batch_op.drop_index('ix_due_item_next_at', sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
        batch_op.drop_index('ix_due_item_holder', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_due_item_handed_by', sqlite_where=sa.text('handed_by IS NOT NULL'), postgresql_where=sa.text('handed_by IS NOT NULL'))
        batch_op.drop_index(batch_op.f('ix_due_item_enterprise_id'))
        batch_op.drop_index('ix_due_item_city', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))

    op.drop_table('due_item')
    with op.batch_alter_table('disturbance', schema=None) as batch_op:
        batch_op.drop_index('ix_disturbance_over', sqlite_where=sa.text('over_cap'), postgresql_where=sa.text('over_cap'))
        batch_op.drop_index('ix_disturbance_enterprise')
        batch_op.drop_index('ix_disturbance_day')

    op.drop_table('disturbance')
    with op.batch_alter_table('department_contact', schema=None) as batch_op:
        batch_op.drop_index('ix_department_contact_organisation')

    op.drop_table('department_contact')
    with op.batch_alter_table('demand_department', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_demand_department_city_id'))

    op.drop_table('demand_department')
    with op.batch_alter_table('demand', schema=None) as batch_op:
        batch_op.drop_index('ix_demand_visit', sqlite_where=sa.text('visit_id IS NOT NULL'), postgresql_where=sa.text('visit_id IS NOT NULL'))
        batch_op.drop_index('ix_demand_unmatched', sqlite_where=sa.text('enterprise_id IS NULL'), postgresql_where=sa.text('enterprise_id IS NULL'))
        batch_op.drop_index('ix_demand_unit_tab')
        batch_op.drop_index('ix_demand_unit_raised')
        batch_op.drop_index('ix_demand_title')
        batch_op.drop_index('ix_demand_rating', sqlite_where=sa.text("tab = 'rating'"), postgresql_where=sa.text("tab = 'rating'"))
        batch_op.drop_index('ix_demand_rates')
        batch_op.drop_index('ix_demand_organisation_tab')
        batch_op.drop_index('ix_demand_open', sqlite_where=sa.text("tab IN ('intake','handling')"), postgresql_where=sa.text("tab IN ('intake','handling')"))
        batch_op.drop_index('ix_demand_ip', sqlite_where=sa.text('ip_mark IS NOT NULL'), postgresql_where=sa.text('ip_mark IS NOT NULL'))
        batch_op.drop_index('ix_demand_handler', sqlite_where=sa.text('handler_id IS NOT NULL'), postgresql_where=sa.text('handler_id IS NOT NULL'))
        batch_op.drop_index('ix_demand_enterprise')
        batch_op.drop_index(batch_op.f('ix_demand_duplicate_of_id'))
        batch_op.drop_index('ix_demand_closed_at', sqlite_where=sa.text("state = 'closed'"), postgresql_where=sa.text("state = 'closed'"))
        batch_op.drop_index('ix_demand_city_tab')
        batch_op.drop_index('ix_demand_city_raised')

    op.drop_table('demand')
    with op.batch_alter_table('contest_value', schema=None) as batch_op:
        batch_op.drop_index('uq_contest_value_standing', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_contest_value_town_id'))
        batch_op.drop_index('ix_contest_value_history')

    op.drop_table('contest_value')
    with op.batch_alter_table('contest_step', schema=None) as batch_op:
        batch_op.drop_index('ix_contest_step_round')

    op.drop_table('contest_step')
    with op.batch_alter_table('contest_edition', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_contest_edition_round_id'))

    op.drop_table('contest_edition')
    with op.batch_alter_table('consult_record', schema=None) as batch_op:
        batch_op.drop_index('ix_consult_record_kind')
        batch_op.drop_index('ix_consult_record_day')

    op.drop_table('consult_record')
    with op.batch_alter_table('veto_event', schema=None) as batch_op:
        batch_op.drop_index('ix_veto_event_town')

    op.drop_table('veto_event')
    with op.batch_alter_table('target_value', schema=None) as batch_op:
        batch_op.drop_index('uq_target_value_current', sqlite_where=sa.text('superseded_at IS NULL'), postgresql_where=sa.text('superseded_at IS NULL'))
        batch_op.drop_index('ix_target_value_metric')

    op.drop_table('target_value')
    with op.batch_alter_table('service_score', schema=None) as batch_op:
        batch_op.drop_index('ix_service_score_list')

    op.drop_table('service_score')
    with op.batch_alter_table('reminder_channel', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reminder_channel_next_digest_at'))
        batch_op.drop_index('ix_reminder_channel_area')

    op.drop_table('reminder_channel')
    with op.batch_alter_table('demand_link', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_demand_link_city_id'))

    op.drop_table('demand_link')
    op.drop_table('contest_round')
    op.drop_table('service_mark')
    with op.batch_alter_table('register_step', schema=None) as batch_op:
        batch_op.drop_index('ix_register_step_subject')

    op.drop_table('register_step')
    op.drop_table('holiday_day')
    op.drop_table('due_refresh')
