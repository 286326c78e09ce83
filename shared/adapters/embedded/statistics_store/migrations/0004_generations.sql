-- Counts that were begun anew are kept beside those that are served, until they hold the registry.
create table statistics_generation (
  state text collate "C" primary key check (state in ('served', 'next')),
  id bigint generated always as identity unique,
  -- What the registry held when its outbox had given this number is in the counts (of 'next': will be), and the events
  -- up to it move them no more.
  cut bigint not null
);
insert into statistics_generation (state, cut) values ('served', 0);

create table statistics_counter_next (like statistics_counter including all including storage);

grant select, insert, update, delete on statistics_generation, statistics_counter_next to kependudukan_statistics;
