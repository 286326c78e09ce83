-- A count goes back to zero when its last resident is cancelled, and below for a moment when a cancellation is counted
-- before its registration, as when that one came back from the dead letters: the sum is right in any order.
alter table statistics_counter drop constraint statistics_counter_jumlah_check;
