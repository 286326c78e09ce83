"""MongoDB's own library (libmongocrypt, by pymongo's ClientEncryption) for the tests: one command a line on standard
input, one answer a line on standard output, as MongoDB Extended JSON. An error is an answer too."""

import json
import os
import sys

from bson.binary import STANDARD
from bson.codec_options import CodecOptions
from bson.json_util import CANONICAL_JSON_OPTIONS, dumps, loads
from pymongo import MongoClient
from pymongo.encryption import Algorithm, ClientEncryption
from pymongo.errors import EncryptionError
from pymongocrypt.binding import libmongocrypt_version

ALGORITHMS = {
    "deterministic": Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Deterministic,
    "random": Algorithm.AEAD_AES_256_CBC_HMAC_SHA_512_Random,
}

# UUIDs as subtype 4, like every driver's key vault.
CODEC = CodecOptions(uuid_representation=STANDARD)
JSON = CANONICAL_JSON_OPTIONS.with_options(uuid_representation=STANDARD)
client = MongoClient(os.environ["MONGODB_URI"], uuidRepresentation="standard")


def encryption(command):
    """`providers`: the master keys by the provider's name. Made anew for each command: it keeps data keys."""
    providers = {name: {"key": key} for name, key in command["providers"].items()}
    return ClientEncryption(providers, command["vault"], client, CODEC)


def answer(command):
    if command["do"] == "version":
        return libmongocrypt_version()
    with encryption(command) as library:
        match command["do"]:
            case "createDataKey":
                return library.create_data_key(
                    command["provider"], key_alt_names=[command["name"]], key_material=command.get("material")
                )
            case "encrypt":
                algorithm = ALGORITHMS[command["algorithm"]]
                return library.encrypt(command["value"], algorithm, key_alt_name=command["name"])
            case "decrypt":
                return library.decrypt(command["field"])
            case "getKey":
                return library.get_key_by_alt_name(command["name"])
            case "rewrap":
                return library.rewrap_many_data_key({}, command["provider"]).bulk_write_result.modified_count


for line in sys.stdin:
    try:
        print(dumps({"answer": answer(loads(line, json_options=JSON))}, json_options=JSON), flush=True)
    except EncryptionError as error:
        print(json.dumps({"refused": str(error)}), flush=True)
