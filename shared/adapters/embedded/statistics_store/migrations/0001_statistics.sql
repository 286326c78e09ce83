-- Every event that was counted, by its id: what makes a repeated delivery harmless. The id alone decides, not the
-- offset: a relay that dies between publishing and deleting publishes again under a new one, and a topic created anew
-- starts its offsets again. Entries outlive the log's records by a day, see `ledgerDays`.
create table statistics_ledger (
  event_id text collate "C" primary key,
  counted_at timestamptz not null default now()
);

-- Rows come in the order of time, so that a few kilobytes of BRIN find the old ones.
create index statistics_ledger_counted_at on statistics_ledger using brin (counted_at) with (autosummarize = on);

create table statistics_counter (
  kode text collate "C" not null,
  jenis_kelamin text collate "C" not null check (jenis_kelamin in ('laki-laki', 'perempuan')),
  -- First year of the decade of birth.
  kohort smallint not null check (kohort % 10 = 0),
  jumlah bigint not null check (jumlah > 0),
  moved_at timestamptz not null,
  primary key (kode, jenis_kelamin, kohort)
)
-- Updates of these hot rows stay in their page (HOT), which vacuum need not visit.
with (fillfactor = 50);
