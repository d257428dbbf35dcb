-- Envelope keys: a data key for each patient, wrapped by a key of the vault's ring, so that a ring key is changed by wrapping data keys anew
-- and a patient's secrets end everywhere, in backups too, with one row. The database itself holds to it that no key of the ring is given up
-- while anything lies under it, and that nothing is sealed with one that was given up.

-- Which key of the ring a text is sealed with; null for what lies under a data key.
create function sealed_ring_key(sealed text) returns text language sql immutable parallel safe
  as $$ select case when sealed like 'v1.%' then split_part(sealed, '.', 2) end $$;

create table patient_keys (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null references patients (id) on delete cascade,
  id uuid not null,
  wrapped text not null,
  -- Counts how often the key was wrapped; what wraps it anew compares and sets.
  version integer not null default 1,
  ring_key_id text not null generated always as (sealed_ring_key(wrapped)) stored references vault_key_checks (key_id),
  -- What is sealed from now on lies under another key of the patient; this one still opens.
  retired_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (patient_id, id)
);
create unique index patient_keys_one_seals on patient_keys (patient_id) where retired_at is null;
create index patient_keys_by_ring_key on patient_keys (ring_key_id);

alter table patient_keys enable row level security;
alter table patient_keys force row level security;
create policy tenant on patient_keys to islet_app using (organization_id = (select app_organization_id()))
  with check (organization_id = (select app_organization_id()));
grant select, insert, update, delete on patient_keys to islet_app;
-- To retire a key of the ring. That nothing lies under it any more is not asked of whoever retires it: the references decide.
grant delete on vault_key_checks to islet_system;

alter table credentials
  add column access_ring_key_id text generated always as (sealed_ring_key(access_sealed)) stored references vault_key_checks (key_id),
  add column refresh_ring_key_id text generated always as (sealed_ring_key(refresh_sealed)) stored references vault_key_checks (key_id),
  -- How often a refresh was cut off between its call and its result, and when that was last seen.
  add column refresh_cut_off integer not null default 0,
  add column refresh_cut_off_at timestamptz;
create index credentials_by_ring_key on credentials (access_ring_key_id) where access_ring_key_id is not null;
create index credentials_refresh_by_ring_key on credentials (refresh_ring_key_id) where refresh_ring_key_id is not null;
create index credentials_leased on credentials (refresh_lease_until) where refresh_lease_until is not null;
-- The sweep finds refreshes that never ended.
grant select (refresh_lease_until, refresh_cut_off, refresh_cut_off_at) on credentials to islet_system;

alter table oauth_states
  add column ring_key_id text generated always as (sealed_ring_key(verifier_sealed)) stored references vault_key_checks (key_id);
alter table provider_subscriptions
  add column verify_ring_key_id text generated always as (sealed_ring_key(verify_token_sealed)) stored references vault_key_checks (key_id),
  add column secret_ring_key_id text generated always as (sealed_ring_key(secret_sealed)) stored references vault_key_checks (key_id);

-- That a person has ended a connection, which their vendor has not heard yet (faults OA-23). What it takes to say so lies here, under the
-- person's data key, until the vendor has heard or time is up: of the connection itself it opens nothing any more.
create table farewells (
  organization_id uuid not null references organizations (id),
  patient_id uuid not null,
  connection_id uuid not null,
  -- Null for an aggregator, which is told with the app's own keys.
  access_sealed text check (access_sealed like 'v2.%'),
  refresh_sealed text check (refresh_sealed like 'v2.%'),
  expires_at timestamptz,
  token_version integer,
  tries integer not null default 0,
  next_at timestamptz not null,
  ends_at timestamptz not null,
  primary key (patient_id, connection_id),
  foreign key (patient_id, connection_id) references connections (patient_id, id) on delete cascade
);
create index farewells_by_time on farewells (next_at);
alter table farewells enable row level security;
alter table farewells force row level security;
create policy tenant on farewells to islet_app using (organization_id = (select app_organization_id()))
  with check (organization_id = (select app_organization_id()));
create policy system on farewells to islet_system using (true) with check (true);
grant select, insert, update, delete on farewells to islet_app;
-- The sweep needs to know whose time has come, never the tokens.
grant select (organization_id, patient_id, connection_id, next_at) on farewells to islet_system;
