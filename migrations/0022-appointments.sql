-- The clinic's appointment queue, and the files that people give to their clinic.

-- A file that a patient or a clinician gave, checked before (docs/uploads.md). What is in it lies apart, so that lists never read it.
create table clinical_files (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  purpose text not null check (purpose in ('control_data', 'clinical_document')),
  -- Made by the check, never the sender's own words as they came.
  safe_name text not null check (length(safe_name) <= 200),
  media_type text not null,
  size_bytes integer not null check (size_bytes > 0),
  -- Of the plain bytes, lower-case hex.
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  created_at timestamptz not null,
  created_by uuid,
  primary key (patient_id, id)
);

-- Its bytes, sealed with a key of the file's own, which rests under the patient's data key: with that key gone, they are noise wherever a copy of them is.
create table clinical_file_contents (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  file_id uuid not null,
  key_sealed text not null check (key_sealed like 'v2.%'),
  content_sealed bytea not null,
  primary key (patient_id, file_id),
  foreign key (patient_id, file_id) references clinical_files (patient_id, id)
);
-- Sealed bytes do not get smaller.
alter table clinical_file_contents alter column content_sealed set storage external;

do $$
declare name text;
begin
  foreach name in array array['clinical_files', 'clinical_file_contents'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('grant select, insert, delete on %I to islet_worker', name);
  end loop;
  create policy tenant on clinical_file_contents to islet_worker using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()));
  foreach name in array array['clinical_files'] loop
    execute format('create policy tenant on %I to islet_app, islet_worker using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()))', name);
    execute format('create policy person on %I as restrictive to islet_app using (patient_id in (select app_patients()))', name);
    execute format('create policy tenant_read on %I for select to islet_read using (organization_id = (select app_organization_id()))', name);
    execute format('grant select on %I to islet_app, islet_read', name);
  end loop;
end $$;

-- The queue of a clinic: how many it takes at once, when what nobody goes on with expires, and what people in an emergency read. No row: as the code has it by default.
create table appointment_queues (
  organization_id uuid primary key references organizations (id),
  capacity integer not null check (capacity between 0 and 10000),
  pending_days integer not null check (pending_days between 1 and 365),
  accepted_days integer not null check (accepted_days between 1 and 365),
  created_days integer not null check (created_days between 1 and 365),
  emergency_text_en text not null check (length(emergency_text_en) <= 1000),
  emergency_text_es text not null check (length(emergency_text_es) <= 1000),
  emergency_phone text check (length(emergency_phone) <= 40),
  version integer not null default 1,
  changed_at timestamptz not null,
  changed_by uuid
);

-- A patient's request for an appointment; src/clinic/appointments/state-machine.ts says which state follows which.
create table appointments (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  state text not null default 'pending' check (state in ('pending', 'accepted', 'denied', 'created', 'resolved', 'cancelled', 'expired')),
  motives text[] not null default '{}' check (motives <@ array['adjustment', 'hypoglycaemia', 'hyperglycaemia', 'ketosis', 'questions', 'other']),
  other_motive text check (length(other_motive) <= 500),
  -- The person says that their hypoglycaemia was severe.
  is_severe boolean not null default false,
  priority text not null default 'normal' check (priority in ('normal', 'high', 'urgent')),
  priority_reason text check (length(priority_reason) <= 500),
  -- Stands on top by itself, whatever a clinician thought before the person said so.
  is_emergency boolean not null generated always as ('ketosis' = any(motives) or ('hypoglycaemia' = any(motives) and is_severe)) stored,
  -- The line is in the order of rank, then time.
  rank smallint not null generated always as (
    case when 'ketosis' = any(motives) or ('hypoglycaemia' = any(motives) and is_severe) then 0 when priority = 'urgent' then 1 when priority = 'high' then 2 else 3 end) stored,
  requested_at timestamptz not null,
  requested_by uuid,
  -- Since when in this state.
  state_at timestamptz not null,
  -- The clinician who took it: accepted, denied or resolved it last.
  handled_by uuid,
  denial_reason text check (length(denial_reason) <= 1000),
  -- Counts every change: what If-Match names.
  version integer not null default 1,
  changed_at timestamptz not null,
  changed_by uuid,
  -- Of what was cleared away with the whole queue: by which clearing, and what it was before.
  clearing_id uuid,
  cleared_from text check (cleared_from in ('pending', 'accepted', 'created')),
  primary key (patient_id, id)
);
create unique index appointments_one_open on appointments (patient_id) where state in ('pending', 'accepted', 'created');
create index appointments_line on appointments (organization_id, rank, requested_at, id) where state in ('pending', 'accepted', 'created');
-- A clinician names a request without its patient.
create index appointments_by_id on appointments (id);
create index appointments_by_state on appointments (organization_id, state, state_at desc, id);

-- What became of it, who did it and when. Added to only.
create table appointment_events (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  appointment_id uuid not null,
  -- The version that the appointment had by it.
  version integer not null,
  move text not null,
  from_state text,
  to_state text not null,
  actor_kind text not null check (actor_kind in ('patient', 'clinician', 'clock')),
  by_user_id uuid,
  at timestamptz not null,
  reason text check (length(reason) <= 1000),
  primary key (patient_id, appointment_id, version),
  foreign key (patient_id, appointment_id) references appointments (patient_id, id)
);

-- What the patient told, and what the clinician resolved: each version as it was written, with its author.
create table appointment_details (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  appointment_id uuid not null,
  version integer not null,
  details jsonb not null,
  author_id uuid,
  written_at timestamptz not null,
  primary key (patient_id, appointment_id, version),
  foreign key (patient_id, appointment_id) references appointments (patient_id, id)
);
create table appointment_resolutions (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  appointment_id uuid not null,
  version integer not null,
  resolution jsonb not null,
  author_id uuid,
  written_at timestamptz not null,
  primary key (patient_id, appointment_id, version),
  foreign key (patient_id, appointment_id) references appointments (patient_id, id)
);

-- Which of the patient's files are its control data.
create table appointment_files (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  appointment_id uuid not null,
  file_id uuid not null,
  primary key (patient_id, appointment_id, file_id),
  foreign key (patient_id, appointment_id) references appointments (patient_id, id),
  foreign key (patient_id, file_id) references clinical_files (patient_id, id)
);

-- That somebody cleared the queue, and whether it was undone.
create table appointment_clearings (
  organization_id uuid not null references organizations (id),
  id uuid primary key default gen_random_uuid(),
  cleared_at timestamptz not null,
  cleared_by uuid,
  entries integer not null,
  restored_at timestamptz,
  restored_by uuid
);
create index appointment_clearings_latest on appointment_clearings (organization_id, cleared_at desc);

-- Of a whole clinic: as islet_worker behind the role that a route declares. The person reads through the same, once the patient was asked for.
do $$
declare name text;
begin
  foreach name in array array[
    'appointment_queues', 'appointments', 'appointment_events', 'appointment_details', 'appointment_resolutions', 'appointment_files', 'appointment_clearings'
  ] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()))', name);
    execute format('grant select, insert on %I to islet_worker', name);
  end loop;
  -- For erasures; nobody takes a queue or the memory of a clearing away.
  foreach name in array array['appointments', 'appointment_events', 'appointment_details', 'appointment_resolutions', 'appointment_files'] loop
    execute format('grant delete on %I to islet_worker', name);
  end loop;
end $$;
grant update (state, motives, other_motive, is_severe, priority, priority_reason, state_at, handled_by, denial_reason, version, changed_at, changed_by, clearing_id, cleared_from) on appointments to islet_worker;
grant update (capacity, pending_days, accepted_days, created_days, emergency_text_en, emergency_text_es, emergency_phone, version, changed_at, changed_by) on appointment_queues to islet_worker;
grant update (restored_at, restored_by) on appointment_clearings to islet_worker;

-- The change feed tells of appointments, and of what a clinician writes.
alter table changes drop constraint changes_kind_check;
alter table changes add constraint changes_kind_check
  check (kind in ('samples', 'sleep', 'workout', 'treatment', 'connection', 'sources', 'zone', 'appointment', 'clinical'));
