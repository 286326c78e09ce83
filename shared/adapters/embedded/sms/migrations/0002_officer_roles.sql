grant select, insert on officer to kependudukan_notification;

grant select (id, key_id, telepon), update (key_id, telepon) on officer to kependudukan_keys;
