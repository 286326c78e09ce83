import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { DEFAULT_OFFICER_ID, type OfficerDirectory, parseTelepon } from "../../../shared/ports/sms.ts";

/**
 * Puts one officer in charge of each province that has none, as a ministry would: SMS to one officer go out one after
 * the other, so that a default officer for the whole country would be the bottleneck of every trial.
 */
export async function appointDemoOfficers(officers: OfficerDirectory): Promise<void> {
  for (const { kode } of PROVINSI) {
    const [first] = await officers.of(kode);
    if (first?.id !== DEFAULT_OFFICER_ID) continue;
    // Numbers of this form belong to nobody: the block begins with zeros.
    const telepon = parseTelepon(`+628000000${kode}`);
    if (telepon) await officers.assign(kode, telepon);
  }
}
