-- Updates none of it, but locks what it deletes (for update), which needs this right on one column.
grant select, insert, delete, update (event_id) on statistics_ledger to kependudukan_statistics;
grant select, insert, update on statistics_counter to kependudukan_statistics;
