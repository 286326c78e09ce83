import { signInContract } from "./sign_in_contract.ts";
import { serveEmbedded } from "./user_directory_realm.ts";

signInContract("the embedded provider", { open: () => serveEmbedded() });
