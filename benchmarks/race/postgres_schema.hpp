#pragma once

namespace croupier::race {

/// What a careful application would write: the unique index decides who was first, one function does the rest in the
/// transaction of its own call. Fewer indexes than a ledger needs (none for the history of a player), which is to
/// PostgreSQL's advantage.
inline constexpr const char* postgres_schema = R"sql(
create table player (
  id integer generated always as identity primary key,
  brand integer not null,
  external_id text not null,
  unique (brand, external_id));

create table movement (
  player integer not null,
  request_id text not null,
  payload text not null,
  created_at timestamptz not null default now(),
  primary key (player, request_id));

create table balance (
  player integer not null,
  metric text not null,
  value numeric(26, 8) not null,
  primary key (player, metric)) with (fillfactor = 50);

create function submit(in_brand integer, in_external_id text, in_request_id text, in_payload text,
                       in_metrics text[], in_values numeric[]) returns text language plpgsql as $$
declare
  found_player integer;
  old_payload text;
  after numeric;
  answer text := 'applied';
begin
  select id into found_player from player where brand = in_brand and external_id = in_external_id;
  if not found then
    return 'unknown player';
  end if;
  insert into movement (player, request_id, payload) values (found_player, in_request_id, in_payload)
    on conflict do nothing;
  if not found then
    select payload into old_payload from movement where player = found_player and request_id = in_request_id;
    return case when old_payload = in_payload then 'replayed' else 'conflict' end;
  end if;
  for i in 1 .. array_length(in_metrics, 1) loop
    insert into balance as b (player, metric, value) values (found_player, in_metrics[i], in_values[i])
      on conflict (player, metric) do update set value = b.value + excluded.value
      returning value into after;
    answer := answer || ' ' || in_metrics[i] || '=' || after;
  end loop;
  return answer;
end $$;

create function submit_batch(in_brands integer[], in_external_ids text[], in_request_ids text[], in_payloads text[],
                             in_metrics text[], in_values numeric[]) returns text language plpgsql as $$
declare
  width integer := array_length(in_metrics, 1);
  answer text;
  applied integer := 0;
  replayed integer := 0;
  conflicts integer := 0;
begin
  for i in 1 .. array_length(in_brands, 1) loop
    answer := submit(in_brands[i], in_external_ids[i], in_request_ids[i], in_payloads[i], in_metrics,
                     in_values[(i - 1) * width + 1 : i * width]);
    case
      when answer like 'applied%' then applied := applied + 1;
      when answer = 'replayed' then replayed := replayed + 1;
      when answer = 'conflict' then conflicts := conflicts + 1;
      else raise exception 'movement %: %', i, answer;
    end case;
  end loop;
  return applied || ' ' || replayed || ' ' || conflicts;
end $$;
)sql";

} // namespace croupier::race
