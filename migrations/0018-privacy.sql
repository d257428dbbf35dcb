-- What a person may ask of us about their data: a package with all of it, an end of all of it; and what stands against that end.

-- A package of everything about a patient, made in the background (src/privacy/package/run.ts). Its file lies in the folder of exports, sealed in
-- pieces with a key of its own, which rests here under the patient's data key: with that key gone, the file is noise wherever a copy of it is.
create table data_exports (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  -- Only who asked may fetch it.
  asked_by uuid not null,
  is_own boolean not null,
  locale text not null check (locale in ('en', 'es')),
  state text not null default 'waiting' check (state in ('waiting', 'running', 'ready', 'failed', 'gone')),
  progress real not null default 0 check (progress between 0 and 1),
  tries integer not null default 0,
  lease_id uuid,
  lease_until timestamptz,
  -- Code of the last failure.
  error text,
  asked_at timestamptz not null,
  ready_at timestamptz,
  -- Then the file is deleted.
  expires_at timestamptz,
  -- Which of its files: each worker that began one has its own.
  file_id uuid,
  key_sealed text check (key_sealed like 'v2.%'),
  bytes bigint,
  sha256 text,
  files integer,
  row_count bigint,
  fetched integer not null default 0,
  primary key (patient_id, id)
);
create unique index data_exports_one_at_a_time on data_exports (patient_id) where state in ('waiting', 'running');
create index data_exports_open on data_exports (lease_until) where state in ('waiting', 'running');
create index data_exports_ready on data_exports (expires_at) where state = 'ready';

-- Why nothing of a patient may be deleted for now.
create table legal_holds (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id),
  id uuid not null default gen_random_uuid(),
  reason text not null check (reason in ('litigation', 'authority', 'incident', 'safety')),
  placed_at timestamptz not null,
  -- Null: by the operator, at the console.
  placed_by uuid,
  lifted_at timestamptz,
  lifted_by uuid,
  primary key (patient_id, id)
);
create unique index legal_holds_one_open on legal_holds (patient_id) where lifted_at is null;

-- An end of a patient's data: asked for, waited for, carried out step by step (src/privacy/erasure/run.ts). It outlives the patient, so it refers to
-- none, and knows of them nothing but random ids.
create table erasures (
  organization_id uuid not null references organizations (id),
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null,
  user_id uuid,
  asked_by uuid,
  reason text not null check (reason in ('own_wish', 'parent_wish', 'court', 'account_closed', 'restored_backup')),
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'undone')),
  -- The step that is to be done next; null before the first and after the last.
  step text,
  asked_at timestamptz not null,
  begins_at timestamptz not null,
  begun_at timestamptz,
  done_at timestamptz,
  undone_at timestamptz,
  -- How many rows of what were erased.
  counts jsonb not null default '{}',
  tries integer not null default 0,
  error text,
  next_at timestamptz not null,
  lease_id uuid,
  lease_until timestamptz
);
create unique index erasures_one_at_a_time on erasures (patient_id) where state in ('waiting', 'running');
create index erasures_open on erasures (next_at) where state in ('waiting', 'running');

-- Accounts at vendors whose person was erased here: what comes for them later is not kept (faults PR-03). Keyed digests only.
create table erased_accounts (
  provider text not null,
  account_mac bytea not null check (length(account_mac) = 32),
  erased_at timestamptz not null,
  primary key (provider, account_mac)
);

-- Secrets of this room, sealed by the ring: what digests of accounts are keyed with, what pseudonyms of a research project are made with.
create table privacy_keys (
  name text primary key,
  sealed text not null check (sealed like 'v1.%'),
  ring_key_id text not null generated always as (sealed_ring_key(sealed)) stored references vault_key_checks (key_id),
  created_at timestamptz not null default now()
);

-- After how many years measurements are deleted; null: never.
alter table organizations add column keep_measurements_years integer check (keep_measurements_years between 1 and 150);
grant update (keep_measurements_years) on organizations to islet_worker;

do $$
declare name text;
begin
  foreach name in array array['data_exports', 'legal_holds', 'erasures', 'erased_accounts', 'privacy_keys'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy system on %I to islet_system using (true) with check (true)', name);
  end loop;
  foreach name in array array['data_exports', 'legal_holds', 'erasures'] loop
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id())) with check (organization_id = (select app_organization_id()))', name);
  end loop;
end $$;
grant select, insert, update, delete on data_exports to islet_worker;
grant select (organization_id, patient_id, id, state, lease_until, expires_at) on data_exports to islet_system;
-- With the patient go the holds that were lifted; one that stands keeps them both.
grant select, insert, delete on legal_holds to islet_worker;
create policy lifted_only on legal_holds as restrictive for delete to islet_worker using (lifted_at is not null);
grant update (lifted_at, lifted_by) on legal_holds to islet_worker;
grant select on legal_holds to islet_system;
grant select, insert, update on erasures to islet_worker, islet_system;
grant select, insert, delete on erased_accounts to islet_system;
grant select, insert, update on privacy_keys to islet_system;
