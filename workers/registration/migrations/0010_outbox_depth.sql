-- How many events wait and for how long, which the registration tells the edge; not what they say.
grant select (created_at, parked_at) on outbox to kependudukan_registration;
