-- A clinic's view of all its patients: lines kept by a follower of the change feed and by the clock, and what the clinic says of each patient:
-- targets, tags, reviews; and by which numbers it wants to be made aware (docs/population.md).

-- Words of the clinic's own by which it sorts its patients.
create table tags (
  organization_id uuid not null references organizations (id),
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 40),
  -- Place in the pages' palette.
  color smallint not null check (color between 0 and 11),
  created_at timestamptz not null default now()
);
create unique index tags_by_name on tags (organization_id, lower(name));

create table patient_tags (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  tag_id uuid not null references tags (id),
  added_by uuid not null,
  added_at timestamptz not null default now(),
  primary key (patient_id, tag_id)
);
create index patient_tags_by_tag on patient_tags (tag_id);

-- The ranges and goals that a patient's glucose is held against, each change a row; the last one holds, without any the standard ones do.
create table patient_targets (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  preset text not null check (preset in ('standard', 'older', 'pregnancy', 'pregnancyType2', 'tight', 'custom')),
  -- Of `custom` only, as they were typed: { unit, veryLow, low, high, veryHigh }.
  bounds jsonb check ((preset = 'custom') = (bounds is not null)),
  -- { target, below, veryLow, above, veryHigh }, percent; null: those of the preset.
  goals jsonb,
  -- In which unit the clinic wants to see this patient; null: the viewer's.
  unit text check (unit in ('mg/dL', 'mmol/L')),
  set_by uuid not null,
  set_at timestamptz not null,
  primary key (patient_id, id)
);

-- That somebody of the clinic looked at a patient, and until when the patient need not be shown for what was flagged then.
create table patient_reviews (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  reviewed_by uuid not null,
  reviewed_at timestamptz not null,
  snoozed_until timestamptz,
  snoozed_groups text[] not null default '{}',
  snooze_reason text check (length(snooze_reason) <= 200),
  undone_at timestamptz,
  primary key (patient_id, id),
  check ((snoozed_until is null) = (snooze_reason is null))
);

-- Thresholds of the clinic's groups (src/clinic/population/rules.ts); those not named are Islet's.
create table attention_rules (
  organization_id uuid primary key references organizations (id),
  rules jsonb not null,
  updated_by uuid not null,
  updated_at timestamptz not null
);

-- A patient's glucose over the last whole local days, by the patient's own target. Made without the data that vendors let nobody but the person see.
create table population_lines (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  days smallint not null check (days in (7, 14, 30, 90)),
  from_at timestamptz not null,
  to_at timestamptz not null,
  made_at timestamptz not null,
  -- The row of patient_targets that it was made by; null: none.
  target_id bigint,
  readings int not null,
  days_read smallint not null,
  -- Percent of readings, by the target's ranges.
  very_low double precision,
  low double precision,
  target double precision,
  high double precision,
  very_high double precision,
  tight double precision,
  -- mg/dL
  mean double precision,
  sd double precision,
  cv double precision,
  gmi double precision,
  wear double precision,
  -- Of as many days just before.
  before_days smallint not null,
  before_target double precision,
  -- Episodes that begin in the days; null where readings are too far apart.
  low_events int,
  very_low_events int,
  high_events int,
  very_high_events int,
  -- The last reading of all, mg/dL.
  last_at timestamptz,
  last_value double precision,
  -- What lists are filtered and ordered by, as JSON (src/clinic/population/line.ts); text, so that those of thousands are put together without reading them.
  facts text not null,
  primary key (patient_id, days)
);

create index population_lines_by_period on population_lines (organization_id, days);

-- When a patient's lines end to be true by the clock alone: at the next local midnight.
create table population_states (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  due_at timestamptz not null,
  primary key (patient_id)
);
create index population_states_due on population_states (due_at);

-- Whose lines are to be made anew, and since which instant their glucose has changed; null: since always.
create table population_work (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id bigint generated always as identity,
  from_at timestamptz,
  primary key (patient_id, id)
);

-- Up to where the change feed was read for it. One row.
create table population_follower (
  only_one boolean primary key default true check (only_one),
  transaction_id xid8 not null,
  id bigint not null
);
insert into population_follower (transaction_id, id) select transaction_id, id from summary_follower;

alter table day_summaries no force row level security;
insert into population_work (organization_id, patient_id) select distinct organization_id, patient_id from day_summaries where metric = 1;
alter table day_summaries force row level security;

-- Patients of a page, where a transaction has narrowed itself to them: who sees thousands asks more for those of a page in several statements. Null: not narrowed.
create function app_page_patients() returns uuid[] language sql stable parallel safe
  as $$ select string_to_array(nullif(current_setting('app.page_patients', true), ''), ',')::uuid[] $$;
-- As before, and of a narrowed transaction those of the page at most.
create or replace function app_patients() returns setof uuid language sql stable parallel safe rows 10
  as $$
    select app_own_patient_id() where app_own_patient_id() is not null and coalesce(app_asked_patient_id() = app_own_patient_id(), true) and coalesce(app_own_patient_id() = any(app_page_patients()), true)
    union
    select g.patient_id from grants g where app_page_patients() is null and g.user_id = app_user_id() and now() between g.valid_from and g.valid_to
      and (app_asked_patient_id() is null or g.patient_id = app_asked_patient_id())
    union
    select g.patient_id from unnest(app_page_patients()) as page (id) join grants g on g.patient_id = page.id and g.user_id = app_user_id()
      where now() between g.valid_from and g.valid_to and (app_asked_patient_id() is null or g.patient_id = app_asked_patient_id())
  $$;

do $$
declare name text;
begin
  foreach name in array array['tags', 'patient_tags', 'patient_targets', 'patient_reviews', 'attention_rules', 'population_lines', 'population_states', 'population_work'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_app, islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
  end loop;
  foreach name in array array['patient_tags', 'patient_targets', 'patient_reviews', 'population_lines', 'population_states', 'population_work'] loop
    execute format('create policy person on %I as restrictive to islet_app using (patient_id in (select app_patients()))', name);
  end loop;
  foreach name in array array['tags', 'patient_tags', 'patient_targets', 'population_lines'] loop
    execute format('create policy tenant_read on %I for select to islet_read using (organization_id = (select app_organization_id()))', name);
    execute format('grant select on %I to islet_read', name);
  end loop;
end $$;
grant select on tags, attention_rules, population_lines, population_states, population_work to islet_app;
grant select, insert, delete on patient_tags to islet_app;
grant select, insert on patient_targets to islet_app;
grant select, insert on patient_reviews to islet_app;
grant update (undone_at) on patient_reviews to islet_app;
-- A target that was set is work for the follower.
grant insert on population_work to islet_app;
grant select, insert, update, delete on tags, attention_rules, population_lines, population_states, population_work to islet_worker;
grant select, delete on patient_tags, patient_targets, patient_reviews to islet_worker;

-- The follower turns changes into work and finds whose work waits; it never sees a line.
create policy system on population_work to islet_system using (true) with check (true);
create policy system on population_states for select to islet_system using (true);
grant select, insert on population_work to islet_system;
grant select on population_states to islet_system;
alter table population_follower enable row level security;
alter table population_follower force row level security;
create policy system on population_follower to islet_system using (true) with check (true);
create policy everybody on population_follower for select to islet_app using (true);
grant select, update on population_follower to islet_system;
grant select on population_follower to islet_app;
