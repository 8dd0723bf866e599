const mostTries = 3000;

/**
 * The smallest input found on which `fails` still holds: pieces are left out, from halves down to single bytes (ddmin,
 * Zeller and Hildebrandt 2002, without its complements). As it was where it does not fail again.
 */
export function minimise(input: Uint8Array, fails: (bytes: Uint8Array) => boolean): Uint8Array {
  let best = Buffer.from(input);
  let tries = 0;
  if (!fails(best)) return input;
  for (let piece = Math.ceil(best.length / 2); piece >= 1 && tries < mostTries; ) {
    let shrunk = false;
    for (let at = 0; at < best.length && tries < mostTries; tries++) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + piece)]);
      if (fails(shorter)) {
        best = shorter;
        shrunk = true;
      } else at += piece;
    }
    if (piece > 1) piece = Math.floor(piece / 2);
    else if (!shrunk) break;
  }
  return best;
}
