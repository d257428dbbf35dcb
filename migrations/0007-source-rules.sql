-- Which sources a patient wants believed first, and which not at all: one row a metric, or one for all metrics that have none of their own.
create table source_rules (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  -- 0: all metrics.
  metric smallint not null,
  -- Selectors, each an object of provider, connectionId and deviceId (src/samples/sources/ranking.ts), the best first.
  preferred jsonb not null check (jsonb_typeof(preferred) = 'array'),
  excluded jsonb not null check (jsonb_typeof(excluded) = 'array'),
  updated_at timestamptz not null default now(),
  updated_by uuid,
  primary key (patient_id, metric)
);

alter table source_rules enable row level security;
alter table source_rules force row level security;
create policy tenant on source_rules to islet_app using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()));
grant select, insert, update, delete on source_rules to islet_app;

-- What was computed from measurements is to be computed anew when other sources are believed.
alter table changes drop constraint changes_kind_check;
alter table changes add constraint changes_kind_check check (kind in ('samples', 'sleep', 'workout', 'treatment', 'connection', 'sources'));
