import { readVariables } from "../shared/config/environment.ts";
import { openDeployment } from "./deployment.ts";

/**
 * The edge without the page, from its sources: for `deno serve` and every runtime that calls the `fetch` of a module's
 * default export. With the page it is the folder of `deno task edge:bundle`.
 */
export default await openDeployment(readVariables());
