-- Readings that were taken back, what clinicians and the person write of a person's health with all its versions, and who cares for whom.

alter table changes drop constraint changes_kind_check;
alter table changes add constraint changes_kind_check
  check (kind in ('samples', 'sleep', 'workout', 'treatment', 'connection', 'sources', 'zone', 'appointment', 'clinical'));

-- A reading that somebody took back: what it was, so that it can be given back, and that it stays away when its meter sends it again.
create table withdrawn_readings (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  provider text not null,
  connection_id uuid,
  -- In the diary and in the curve; one of the two at least.
  treatment_id bigint,
  series_id bigint,
  start_at timestamptz not null,
  value double precision,
  offset_minutes smallint,
  flags smallint,
  delivery_id bigint,
  reason text check (reason in ('mistyped', 'duplicate', 'somebody_else', 'test', 'other')),
  withdrawn_at timestamptz not null,
  withdrawn_by uuid references users (id),
  primary key (patient_id, id),
  check (treatment_id is not null or series_id is not null),
  check ((series_id is null) = (value is null)),
  unique (patient_id, treatment_id),
  unique (patient_id, series_id, start_at)
);

-- Conditions, medications, allergies, procedures, notes and documents: one row each, which shows the newest of its versions.
create table clinical_entries (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  kind text not null check (kind in ('condition', 'medication', 'allergy', 'procedure', 'note', 'document')),
  version integer not null check (version > 0),
  -- Of kinds that have one.
  status text check (status ~ '^[a-z_]{1,30}$'),
  -- `care_team`: not shown to the person, nor to those whom the person lets look who are no clinicians.
  audience text not null check (audience in ('care_team', 'shared')),
  is_pinned boolean not null default false,
  -- Said by the person, or by who manages for them; not by a clinician.
  is_self_reported boolean not null,
  fields jsonb not null,
  file_id uuid,
  created_at timestamptz not null,
  created_by uuid references users (id),
  changed_at timestamptz not null,
  changed_by uuid references users (id),
  entered_in_error_at timestamptz,
  primary key (patient_id, id),
  foreign key (patient_id, file_id) references clinical_files (patient_id, id)
);
create index clinical_entries_by_kind on clinical_entries (patient_id, kind, is_pinned desc, created_at desc, id desc);

-- Added to only. That an account is gone empties its name here, nothing else is ever changed.
create table clinical_versions (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  entry_id uuid not null,
  version integer not null check (version > 0),
  deed text not null check (deed in ('written', 'changed', 'entered_in_error', 'restored')),
  status text,
  audience text not null check (audience in ('care_team', 'shared')),
  is_pinned boolean not null,
  fields jsonb not null,
  -- Of one that was entered in error.
  reason text check (reason in ('mistyped', 'duplicate', 'somebody_else', 'test', 'other')),
  at timestamptz not null,
  author_id uuid references users (id),
  primary key (patient_id, entry_id, version),
  foreign key (patient_id, entry_id) references clinical_entries (patient_id, id)
);

-- Who of the clinic cares for the person, and as what. To be named here opens nothing: a grant does.
create table care_team_members (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  user_id uuid not null references users (id),
  role text not null check (role in ('physician', 'nurse', 'dietitian', 'educator', 'psychologist', 'other')),
  -- In the clinic's own words, where the role alone does not say it.
  role_words text check (length(role_words) <= 80),
  is_main_contact boolean not null default false,
  since timestamptz not null,
  added_by uuid references users (id),
  ended_at timestamptz,
  primary key (patient_id, id),
  check (not is_main_contact or ended_at is null)
);
create unique index care_team_once on care_team_members (patient_id, user_id) where ended_at is null;
create unique index care_team_one_main_contact on care_team_members (patient_id) where is_main_contact;

-- Whether a transaction runs on behalf of a clinician.
create function app_is_clinician() returns boolean language sql stable parallel safe
  as $$ select exists (select 1 from users where id = app_user_id() and 'clinician' = any(roles)) $$;

do $$
declare name text;
begin
  foreach name in array array['withdrawn_readings', 'clinical_entries', 'clinical_versions', 'care_team_members'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_app, islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
    execute format('create policy person on %I as restrictive to islet_app using (patient_id in (select app_patients()))', name);
    execute format('grant select on %I to islet_app', name);
    execute format('grant select, insert, delete on %I to islet_worker', name);
    execute format('create policy tenant_read on %I for select to islet_read using (organization_id = (select app_organization_id()))', name);
    execute format('grant select on %I to islet_read', name);
  end loop;
  -- What is for the care team is for clinicians, and for nobody who looks at their own data.
  foreach name in array array['clinical_entries', 'clinical_versions'] loop
    execute format('create policy audience on %I as restrictive for select to islet_app using (audience = ''shared''
      or ((select app_is_clinician()) and patient_id is distinct from (select app_own_patient_id())))', name);
  end loop;
end $$;
create policy owner_only on withdrawn_readings as restrictive to islet_app, islet_worker using (provider <> all ((select app_hidden_providers())::text[]));
grant update (withdrawn_by) on withdrawn_readings to islet_worker;
grant update (version, status, audience, is_pinned, fields, changed_at, changed_by, entered_in_error_at, created_by) on clinical_entries to islet_worker;
grant update (author_id) on clinical_versions to islet_worker;
grant update (role, role_words, is_main_contact, added_by, ended_at) on care_team_members to islet_worker;
