import { readVariables } from "../shared/config/environment.ts";
import { openDeployment } from "./deployment.ts";

/** The entry for Deno Deploy, `deno serve` and every runtime that calls the `fetch` of a module's default export. */
export default await openDeployment(readVariables());
