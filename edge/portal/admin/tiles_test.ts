import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PROVINSI } from "../../../shared/penduduk/provinsi.ts";
import { MAP_HEIGHT, MAP_WIDTH, TILES } from "./tiles.ts";

describe("the tile map", () => {
  it("has one place and one short name for each province, inside the map", () => {
    assert.deepEqual(Object.keys(TILES).sort(), PROVINSI.map(({ kode }) => kode));
    const tiles = Object.values(TILES);
    assert.equal(new Set(tiles.map(({ x, y }) => `${x},${y}`)).size, 38);
    assert.equal(new Set(tiles.map(({ short }) => short)).size, 38);
    for (const { x, y } of tiles) assert.ok(x < MAP_WIDTH && y < MAP_HEIGHT);
  });
});
