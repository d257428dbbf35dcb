-- Accounts of people: several names to sign in by, how a password rests, links that are good once, invitations, what slows guessing, and mail.

alter table users
  -- A patient known by national id alone has no address, and whoever was invited or comes from elsewhere no password.
  alter column email drop not null,
  alter column password_hash drop not null,
  add column username text check (username = lower(username)),
  add column given_name text,
  add column family_name text,
  -- Free names of the person's accounts elsewhere: at the hospital, at Tidepool.
  add column hospital_account text,
  add column tidepool_account text,
  -- A national id is found by a keyed digest and shown from a sealed text; it rests nowhere as it is.
  add column national_id_index bytea,
  add column national_id_sealed text,
  add column national_id_ring_key_id text generated always as (sealed_ring_key(national_id_sealed)) stored references vault_key_checks (key_id),
  -- sha256+argon2id: argon2id of what an older system kept, until the person signs in.
  add column password_scheme text not null default 'argon2id' check (password_scheme in ('argon2id', 'sha256+argon2id')),
  add column password_changed_at timestamptz,
  add column must_change_password boolean not null default false,
  add column email_verified_at timestamptz,
  add column blocked_by uuid,
  -- Of a deleted account the id stays, for what refers to it, and nothing of the person.
  add column deleted_at timestamptz,
  add constraint users_national_id_whole check ((national_id_index is null) = (national_id_sealed is null)),
  add constraint users_deleted_is_blocked check (deleted_at is null or blocked_at is not null);
-- Until now an account was made by an operator, who vouched for its address.
update users set email_verified_at = created_at;
create unique index users_username_key on users (username);
create unique index users_national_id_key on users (organization_id, national_id_index);
create index users_by_national_id on users (national_id_index) where national_id_index is not null;
create index users_by_ring_key on users (national_id_ring_key_id) where national_id_ring_key_id is not null;
create index users_in_order on users (organization_id, display_name, id);

-- Browsers in which somebody has signed in well: strangers who guess cannot shut these out (faults AU-02).
create table known_devices (
  organization_id uuid not null references organizations (id),
  user_id uuid not null references users (id) on delete cascade,
  token_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (user_id, token_hash)
);
create index known_devices_by_expiry on known_devices (expires_at);

-- Failed sign-ins of a day by account, address, both, or device. Keys are MACs: who tried what cannot be read here.
create table sign_in_failures (
  key bytea primary key,
  -- Since the last good one.
  streak integer not null default 0,
  -- Of the day that began at day_at.
  failures integer not null default 0,
  day_at timestamptz not null,
  last_at timestamptz not null
);
create index sign_in_failures_by_time on sign_in_failures (last_at);

-- Links that are good once; the token itself is in the mail only. Without a user: somebody asked for an account that is not there, and the same
-- was done for him as for anybody.
create table account_links (
  token_hash bytea primary key,
  organization_id uuid references organizations (id),
  user_id uuid references users (id) on delete cascade,
  kind text not null check (kind in ('verify_email', 'recovery', 'email_change', 'email_undo')),
  email text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index account_links_by_user on account_links (user_id, kind, created_at);
create index account_links_by_expiry on account_links (expires_at);

-- People who have asked for an account, until they show that the address is theirs and choose a password: who only typed an address has none here.
create table registrations (
  token_hash bytea primary key,
  organization_id uuid not null references organizations (id),
  email text not null check (email = lower(email)),
  display_name text not null,
  given_name text,
  family_name text,
  locale text not null,
  zone text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index registrations_by_email on registrations (email, created_at);
create index registrations_by_expiry on registrations (expires_at);

-- Whoever is invited, as what is fixed by who invites.
create table invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id),
  token_hash bytea not null unique,
  -- Null once whoever invited is no more.
  invited_by uuid references users (id),
  roles text[] not null check (roles <@ array['patient', 'clinician', 'admin', 'follower'] and cardinality(roles) > 0),
  email text check (email = lower(email)),
  national_id_index bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references users (id),
  withdrawn_at timestamptz,
  check (email is not null or national_id_index is not null)
);
create index invitations_by_organization on invitations (organization_id, created_at desc, id);

-- Mail to be sent, written in the transaction that is its reason. A link in it lies sealed, and goes with the values once it is sent.
create table mails (
  id uuid primary key,
  organization_id uuid references organizations (id),
  to_address text,
  template text not null,
  locale text not null,
  mail_values jsonb,
  link_sealed text,
  link_ring_key_id text generated always as (sealed_ring_key(link_sealed)) stored references vault_key_checks (key_id),
  -- unaddressed: the same was done for an account that is not there.
  state text not null default 'pending' check (state in ('pending', 'sent', 'dead', 'unaddressed')),
  attempts integer not null default 0,
  -- At once, whatever clock the sender goes by.
  available_at timestamptz not null default '-infinity',
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  last_error text,
  check (state = 'unaddressed' or to_address is not null or state <> 'pending')
);
create index mails_open on mails (available_at) where state = 'pending';
create index mails_ended on mails (ended_at) where ended_at is not null;
create index mails_by_ring_key on mails (link_ring_key_id) where link_ring_key_id is not null;

do $$
declare name text;
begin
  foreach name in array array['known_devices', 'sign_in_failures', 'account_links', 'registrations', 'invitations', 'mails'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy system on %I to islet_system using (true) with check (true)', name);
  end loop;
  foreach name in array array['known_devices', 'account_links', 'registrations', 'invitations', 'mails'] loop
    execute format('create policy tenant on %I to islet_worker using (organization_id = (select app_organization_id()))
      with check (organization_id = (select app_organization_id()))', name);
  end loop;
end $$;

grant select, insert, update, delete on known_devices, sign_in_failures, account_links, registrations, invitations, mails to islet_system;
grant select, delete on known_devices to islet_worker;
-- A link is made and called back inside the organization; that one is right is found out before anybody knows whose it is.
grant insert, delete, select (user_id, kind, created_at, organization_id, used_at) on account_links to islet_worker;
grant update (used_at) on account_links to islet_worker;
grant select, insert, update on invitations to islet_worker;
grant select, insert, update, delete on mails to islet_worker;
-- For erasure.
grant select, delete on registrations to islet_worker;
