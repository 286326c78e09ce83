/** Where each province stands on the tile map, and by which letters it is known; from Aceh to Papua. */
export const TILES: Readonly<Record<string, Tile>> = {
  "11": { x: 0, y: 0, short: "ACE" },
  "12": { x: 1, y: 1, short: "SMU" },
  "13": { x: 1, y: 2, short: "SMB" },
  "14": { x: 2, y: 1, short: "RIA" },
  "15": { x: 2, y: 2, short: "JMB" },
  "16": { x: 2, y: 3, short: "SMS" },
  "17": { x: 1, y: 3, short: "BKL" },
  "18": { x: 2, y: 4, short: "LPG" },
  "19": { x: 3, y: 2, short: "BBL" },
  "21": { x: 3, y: 1, short: "KRI" },
  "31": { x: 4, y: 4, short: "JKT" },
  "32": { x: 4, y: 5, short: "JBR" },
  "33": { x: 5, y: 5, short: "JTG" },
  "34": { x: 5, y: 6, short: "YOG" },
  "35": { x: 6, y: 5, short: "JTM" },
  "36": { x: 3, y: 5, short: "BTN" },
  "51": { x: 7, y: 6, short: "BAL" },
  "52": { x: 8, y: 6, short: "NTB" },
  "53": { x: 9, y: 6, short: "NTT" },
  "61": { x: 5, y: 1, short: "KBR" },
  "62": { x: 6, y: 2, short: "KTG" },
  "63": { x: 6, y: 3, short: "KSL" },
  "64": { x: 7, y: 1, short: "KTM" },
  "65": { x: 7, y: 0, short: "KTR" },
  "71": { x: 10, y: 0, short: "SLU" },
  "72": { x: 9, y: 2, short: "SLT" },
  "73": { x: 8, y: 4, short: "SLS" },
  "74": { x: 9, y: 3, short: "SLG" },
  "75": { x: 9, y: 1, short: "GTO" },
  "76": { x: 8, y: 3, short: "SLB" },
  "81": { x: 11, y: 3, short: "MAL" },
  "82": { x: 11, y: 1, short: "MUT" },
  "91": { x: 14, y: 2, short: "PAP" },
  "92": { x: 13, y: 2, short: "PBR" },
  "93": { x: 14, y: 4, short: "PSL" },
  "94": { x: 13, y: 3, short: "PTG" },
  "95": { x: 14, y: 3, short: "PPG" },
  "96": { x: 12, y: 2, short: "PBD" },
};

export const MAP_WIDTH = 15;
export const MAP_HEIGHT = 7;
/** The first column of the east: from Sulawesi and Nusa Tenggara on. */
export const EAST = 8;

interface Tile {
  readonly x: number;
  readonly y: number;
  readonly short: string;
}
