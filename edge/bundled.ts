/** What `main.js` of the folder that `deno task edge:bundle` makes calls, with the page that lies beside it. */
export { readVariables } from "../shared/config/environment.ts";
export { openDeployment } from "./deployment.ts";
