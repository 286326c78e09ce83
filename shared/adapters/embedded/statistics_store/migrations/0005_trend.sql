-- Residents by the hour and the day of their registration, moved by the statement that moves the counters; numbered as in
-- shared/ports/trend.ts. Kept for as long as a trend reaches back.
create table statistics_trend (
  kode text collate "C" not null,
  per text collate "C" not null check (per in ('hour', 'day')),
  bucket int not null,
  jumlah bigint not null,
  primary key (kode, per, bucket)
)
with (fillfactor = 50);
create table statistics_trend_next (like statistics_trend including all including storage);

grant select, insert, update, delete on statistics_trend, statistics_trend_next to kependudukan_statistics;
