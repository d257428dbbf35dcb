-- What a person has beside the password: authenticator apps, passkeys, recovery codes; and the steps of a sign-in that wait for an answer.

create table second_factors (
  organization_id uuid not null references organizations (id),
  user_id uuid not null references users (id),
  id uuid primary key default gen_random_uuid(),
  kind text not null check (kind in ('totp', 'passkey')),
  name text not null,
  -- Of an authenticator app: its secret, sealed by the vault, and the last time step that was used, so that no code works twice.
  secret_sealed text,
  secret_ring_key_id text generated always as (sealed_ring_key(secret_sealed)) stored references vault_key_checks (key_id),
  last_step bigint not null default 0,
  -- Of a passkey.
  credential_id text unique,
  public_key bytea,
  counter bigint not null default 0,
  transports text[] not null default '{}',
  is_backed_up boolean,
  -- Counts only once it was proved to work.
  confirmed_at timestamptz,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  check ((kind = 'totp') = (secret_sealed is not null) and (kind = 'passkey') = (credential_id is not null and public_key is not null))
);
create index second_factors_by_user on second_factors (user_id);
create index second_factors_under_ring on second_factors (secret_ring_key_id) where secret_ring_key_id is not null;

-- Digests: a code has 120 bits of chance, which nobody guesses.
create table recovery_codes (
  organization_id uuid not null references organizations (id),
  user_id uuid not null references users (id),
  code_hash bytea not null,
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- A step that waits for its answer: once, for minutes, for one purpose. The id is known to the asking browser alone.
create table challenges (
  id_hash bytea primary key,
  organization_id uuid references organizations (id),
  -- Null for a sign-in by passkey alone, whose answer says who it is.
  user_id uuid references users (id),
  purpose text not null check (purpose in ('second_factor', 'passkey_sign_in', 'passkey_registration')),
  -- What the authenticator signs; null where only codes are asked for.
  challenge text,
  attempts int not null default 0,
  expires_at timestamptz not null
);
create index challenges_by_expiry on challenges (expires_at);

do $$
declare name text;
begin
  foreach name in array array['second_factors', 'recovery_codes', 'challenges'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
    -- Asked before anybody is signed in.
    execute format('create policy system on %I to islet_system using (true) with check (true)', name);
  end loop;
end $$;
grant select, insert, update, delete on second_factors, recovery_codes to islet_worker;
grant select on second_factors, recovery_codes to islet_system;
grant update (last_step, counter, is_backed_up, last_used_at) on second_factors to islet_system;
grant update (used_at) on recovery_codes to islet_system;
grant select, insert, delete on challenges to islet_system, islet_worker;
grant update (attempts) on challenges to islet_system;
