/**
 * Numbers in [0, 1) that one seed always brings in one order: sfc32 with the seeding of its author, Chris
 * Doty-Humphrey (PractRand, public domain). Takes all 53 bits of the seed.
 */
export function seededRandom(seed: number): () => number {
  let a = seed >>> 0;
  let b = Math.floor(seed / 2 ** 32) >>> 0;
  let c = 0;
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}

/** A seed that no other run has: the millisecond and six random bits; 15 digits, for 16 would look like a NIK. */
export function freshSeed(unixMs: number, random: () => number = Math.random): number {
  return unixMs * 64 + Math.floor(random() * 64);
}
