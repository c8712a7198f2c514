// A hue for each subgraph, the same on every plan of this page.

const GOLDEN_ANGLE = 137.5;
const FIRST_HUE = 175;
const known = new Map();

export function hueOf(subgraph) {
  if (!known.has(subgraph)) known.set(subgraph, (FIRST_HUE + known.size * GOLDEN_ANGLE) % 360);
  return known.get(subgraph);
}
