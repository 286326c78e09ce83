-- An admin corrects a number or takes an officer off a province; the province of an entry stays.
grant update (key_id, telepon), delete on officer to kependudukan_notification;
