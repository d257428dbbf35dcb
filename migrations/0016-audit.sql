-- The audit log as chains: one for each organization and one for entries without. Each entry is linked to the one before it when its transaction
-- commits, so that an edit, a gap, another order or a cut shows (docs/audit.md; faults PR-07).
-- islet_audit reads. islet_audit_keeper links and prunes, by the functions below alone: nobody is a member of it but whoever migrates.

do $$ begin create role islet_audit nologin noinherit; exception when duplicate_object then null; end $$;
do $$ begin create role islet_audit_keeper nologin noinherit; exception when duplicate_object then null; end $$;
-- To hand the functions over, where whoever migrates is no superuser.
do $$ begin execute format('grant islet_audit_keeper to %I', current_user); end $$;
grant usage on schema public to islet_audit, islet_audit_keeper;

-- Codes, ids and digests: never a health value, a name or free text. Null where it was not known, and in entries from before.
alter table audit_log
  add column actor_kind text check (actor_kind in ('user', 'api_key', 'device', 'operator', 'system', 'anonymous')),
  -- The roles that the actor had then, with commas between.
  add column actor_role text check (actor_role ~ '^[a-z_]+(,[a-z_]+)*$'),
  add column actor_key_id uuid,
  add column purpose text check (purpose in ('care', 'support', 'break_glass', 'own', 'research', 'account', 'administration', 'system')),
  -- A digest of the session's digest: tells entries of one session together, and opens nothing.
  add column session_ref text check (session_ref ~ '^[0-9a-f]{16}$'),
  -- Keyed hash of the address, and the network that it lies in: /24, or /48 of IPv6.
  add column address_hash text check (address_hash ~ '^[0-9a-f]{32}$'),
  add column network text check (length(network) <= 50),
  add column agent text check (agent ~ '^[a-z][a-z0-9_-]{0,31}$'),
  add constraint audit_log_action check (action ~ '^[a-z][a-z0-9_.-]{1,63}$'),
  add constraint audit_log_outcome check (outcome in ('done', 'refused', 'failed')),
  add constraint audit_log_object check (length(object_type) <= 64 and length(object_id) <= 300 and object_id !~ '[[:cntrl:]]'),
  add constraint audit_log_request check (length(request_id) <= 128 and request_id !~ '[[:cntrl:]]');
create index audit_log_by_organization on audit_log (organization_id, id);

-- `chain` is the organization's id; of entries without one it is the nil UUID.
create table audit_links (
  chain uuid not null,
  seq bigint not null check (seq > 0),
  entry_id bigint not null unique,
  -- SHA-256 of the hash before it and the entry's text.
  hash bytea not null check (octet_length(hash) = 32),
  primary key (chain, seq)
);

-- The end of each chain. Its row is the chain's lock; room in the page keeps its updates short.
create table audit_heads (
  chain uuid primary key,
  seq bigint not null,
  hash bytea not null check (octet_length(hash) = 32)
) with (fillfactor = 20);

-- What was taken from a chain's beginning when its time was over: the link that the rest goes on from, under the application's MAC.
create table audit_prunings (
  chain uuid not null,
  through_seq bigint not null,
  hash bytea not null check (octet_length(hash) = 32),
  entries bigint not null,
  mac bytea not null check (octet_length(mac) = 32),
  pruned_at timestamptz not null default clock_timestamp(),
  primary key (chain, through_seq)
);

-- One field of an entry's text: its length in bytes and itself, or a hyphen for none, so that no two entries have one text.
create function audit_field(field text) returns text language sql immutable
  as $$ select case when field is null then '-' else octet_length(field)::text || ':' || field end || ';' $$;

-- What of an entry is hashed. The other reading of it is src/people/audit/chain.ts; times are microseconds since 1970.
create function audit_text(e audit_log) returns text language sql immutable
  as $$ select 'islet-audit-1;' || audit_field(e.id::text) || audit_field(e.organization_id::text) || audit_field((extract(epoch from e.at) * 1000000)::bigint::text)
    || audit_field(e.actor_kind) || audit_field(e.actor_user_id::text) || audit_field(e.actor_role) || audit_field(e.actor_key_id::text) || audit_field(e.action)
    || audit_field(e.patient_id::text) || audit_field(e.object_type) || audit_field(e.object_id) || audit_field(e.outcome) || audit_field(e.purpose)
    || audit_field(e.request_id) || audit_field(e.session_ref) || audit_field(e.address_hash) || audit_field(e.network) || audit_field(e.agent) $$;

-- What a chain's first entry is linked to.
create function audit_genesis(chain uuid) returns bytea language sql immutable
  as $$ select sha256(convert_to('islet audit chain ' || chain::text, 'UTF8')) $$;

-- Which chains this transaction writes to: whoever writes to several has to take them in one order.
create function note_audit_chains() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp
as $$
declare
  noted text := coalesce(current_setting('app.audit_chains', true), '');
  chain text;
begin
  for chain in select distinct coalesce(added.organization_id, '00000000-0000-0000-0000-000000000000')::text from added loop
    if strpos(noted, chain) = 0 then noted := noted || ' ' || chain; end if;
  end loop;
  perform set_config('app.audit_chains', noted, true);
  return null;
end $$;
create trigger audit_log_noted after insert on audit_log referencing new table as added for each statement execute function note_audit_chains();

-- At COMMIT: the chain is held from here to the end of the commit, and not while the business of the transaction goes on.
create function link_audit_entry() returns trigger language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  own uuid := coalesce(new.organization_id, '00000000-0000-0000-0000-000000000000');
  noted text[] := string_to_array(ltrim(coalesce(current_setting('app.audit_chains', true), '')), ' ');
  -- Before the chain is held, so that it is held for less.
  words bytea := convert_to(public.audit_text(new), 'UTF8');
  head record;
begin
  if cardinality(noted) > 1 and coalesce(current_setting('app.audit_chains_held', true), '') <> pg_current_xact_id()::text then
    insert into public.audit_heads (chain, seq, hash)
      select c, 0, public.audit_genesis(c) from (select distinct t::uuid as c from unnest(noted) t) chains order by c on conflict do nothing;
    perform 1 from public.audit_heads where chain = any(noted::uuid[]) order by chain for update;
    perform set_config('app.audit_chains_held', pg_current_xact_id()::text, true);
  end if;
  update public.audit_heads h set seq = h.seq + 1, hash = sha256(h.hash || words) where h.chain = own returning h.seq, h.hash into head;
  if not found then
    insert into public.audit_heads as h (chain, seq, hash) values (own, 1, sha256(public.audit_genesis(own) || words))
      on conflict (chain) do update set seq = h.seq + 1, hash = sha256(h.hash || words) returning h.seq, h.hash into head;
  end if;
  insert into public.audit_links (chain, seq, entry_id, hash) values (own, head.seq, new.id, head.hash);
  return null;
end $$;
create constraint trigger audit_log_linked after insert on audit_log deferrable initially deferred for each row execute function link_audit_entry();

-- Takes entries from a chain's beginning that are older than `before`, which is a year ago or earlier; gives how many.
create function prune_audit(of_chain uuid, up_to bigint, stub_hash bytea, stub_mac bytea, before timestamptz) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp
as $$
declare
  taken bigint;
begin
  if before > now() - interval '365 days' then raise exception 'the audit log keeps a year at least' using errcode = 'check_violation'; end if;
  perform 1 from public.audit_heads where chain = of_chain for update;
  if not exists (select 1 from public.audit_links where chain = of_chain and seq = up_to and hash = stub_hash) then
    raise exception 'the chain has no such link' using errcode = 'check_violation';
  end if;
  if exists (select 1 from public.audit_links k join public.audit_log e on e.id = k.entry_id where k.chain = of_chain and k.seq <= up_to and e.at >= before) then
    raise exception 'an entry of these is younger' using errcode = 'check_violation';
  end if;
  delete from public.audit_log where id in (select entry_id from public.audit_links where chain = of_chain and seq <= up_to);
  delete from public.audit_links where chain = of_chain and seq <= up_to;
  get diagnostics taken = row_count;
  insert into public.audit_prunings (chain, through_seq, hash, entries, mac) values (of_chain, up_to, stub_hash, taken, stub_mac);
  return taken;
end $$;

-- What was written before is linked in the order of its ids.
alter table audit_log no force row level security;
do $$
declare
  e audit_log;
  own uuid;
  chain_now uuid;
  n bigint;
  h bytea;
begin
  for e in select * from audit_log order by coalesce(organization_id, '00000000-0000-0000-0000-000000000000'), id loop
    own := coalesce(e.organization_id, '00000000-0000-0000-0000-000000000000');
    if own is distinct from chain_now then
      if chain_now is not null then insert into audit_heads (chain, seq, hash) values (chain_now, n, h); end if;
      chain_now := own;
      n := 0;
      h := audit_genesis(own);
    end if;
    n := n + 1;
    h := sha256(h || convert_to(audit_text(e), 'UTF8'));
    insert into audit_links (chain, seq, entry_id, hash) values (own, n, e.id, h);
  end loop;
  if chain_now is not null then insert into audit_heads (chain, seq, hash) values (chain_now, n, h); end if;
end $$;
alter table audit_log force row level security;

do $$
declare name text;
begin
  foreach name in array array['audit_links', 'audit_heads', 'audit_prunings'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy auditor on %I for select to islet_audit using ((select app_organization_id()) is null or chain = (select app_organization_id()))', name);
    execute format('create policy keeper on %I to islet_audit_keeper using (true) with check (true)', name);
  end loop;
end $$;
create policy auditor on audit_log for select to islet_audit using ((select app_organization_id()) is null or organization_id = (select app_organization_id()));
create policy keeper on audit_log to islet_audit_keeper using (true);

-- The working roles add entries and can do nothing else with them, nor say when it was.
revoke all on audit_log from islet_app, islet_worker, islet_system;
grant insert (organization_id, actor_user_id, action, patient_id, object_type, object_id, outcome, request_id, actor_kind, actor_role, actor_key_id, purpose,
  session_ref, address_hash, network, agent) on audit_log to islet_app, islet_worker, islet_system;
grant select on audit_log, audit_links, audit_heads, audit_prunings to islet_audit;
grant select, delete on audit_log to islet_audit_keeper;
grant select, insert, update on audit_heads to islet_audit_keeper;
grant select, insert, delete on audit_links to islet_audit_keeper;
grant insert on audit_prunings to islet_audit_keeper;

revoke all on function link_audit_entry(), prune_audit(uuid, bigint, bytea, bytea, timestamptz) from public;
grant create on schema public to islet_audit_keeper;
alter function link_audit_entry() owner to islet_audit_keeper;
alter function prune_audit(uuid, bigint, bytea, bytea, timestamptz) owner to islet_audit_keeper;
revoke create on schema public from islet_audit_keeper;
grant execute on function prune_audit(uuid, bigint, bytea, bytea, timestamptz) to islet_system;
