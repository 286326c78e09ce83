import { openMongoOfficers } from "../../shared/adapters/mongodb/officers.ts";
import { generateKeys, parseKeys } from "../../shared/security/key_ring.ts";
import { officerDirectoryContract } from "../contract/officer_directory_contract.ts";
import { openTestMongo } from "./mongodb.ts";

const { columns } = parseKeys(generateKeys(new Date()));

officerDirectoryContract("MongoDB", async (options) => {
  const { mongo, drop } = await openTestMongo();
  const directory = await openMongoOfficers(mongo, columns, options);
  return { directory, assign: (provinsi, telepon) => directory.assign(provinsi, telepon), close: drop };
});
