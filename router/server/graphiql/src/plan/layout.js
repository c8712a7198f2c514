// Where each fetch of a plan stands in the picture: a row for each length of the chain before it.

export const NODE = { width: 142, height: 68 };
const GAP = { across: 12, down: 40 };
const MARGIN = 8;

/** Returns the nodes with their places, the edges between them and the size of the picture. */
export function layOut(fetches, isRightToLeft) {
  const rows = sortRows(levels(fetches));
  const widest = Math.max(...rows.map((row) => row.length));
  const width = 2 * MARGIN + widest * NODE.width + (widest - 1) * GAP.across;
  const height = 2 * MARGIN + rows.length * NODE.height + (rows.length - 1) * GAP.down;
  const places = new Map();
  rows.forEach((row, level) => {
    const rowWidth = row.length * NODE.width + (row.length - 1) * GAP.across;
    row.forEach((fetch, index) => {
      const start = (width - rowWidth) / 2 + index * (NODE.width + GAP.across);
      const x = isRightToLeft ? width - start - NODE.width : start;
      places.set(fetch.id, { fetch, x, y: MARGIN + level * (NODE.height + GAP.down) });
    });
  });
  return { nodes: [...places.values()], edges: edgesOf(fetches, places), width, height };
}

function levels(fetches) {
  const level = new Map();
  const rows = [];
  // A plan lists a fetch after those it depends on.
  for (const fetch of fetches) {
    const own = 1 + Math.max(-1, ...fetch.after.map((id) => level.get(id) ?? -1));
    level.set(fetch.id, own);
    (rows[own] ??= []).push(fetch);
  }
  return rows;
}

// Each fetch stands near the middle of those it comes after, so that few edges cross.
function sortRows(rows) {
  const position = new Map();
  return rows.map((row) => {
    const sorted = row
      .map((fetch, index) => ({ fetch, wish: middle(fetch.after.map((id) => position.get(id))) ?? index }))
      .sort((a, b) => a.wish - b.wish)
      .map(({ fetch }) => fetch);
    sorted.forEach((fetch, index) => position.set(fetch.id, (index + 0.5) / sorted.length));
    return sorted;
  });
}

function middle(numbers) {
  const known = numbers.filter((number) => number !== undefined);
  return known.length ? known.reduce((sum, number) => sum + number, 0) / known.length : undefined;
}

function edgesOf(fetches, places) {
  return fetches.flatMap((fetch) =>
    fetch.after
      .filter((id) => places.has(id))
      .map((id) => ({ from: id, to: fetch.id, path: curve(places.get(id), places.get(fetch.id)) })),
  );
}

function curve(from, to) {
  const x1 = from.x + NODE.width / 2;
  const y1 = from.y + NODE.height;
  const x2 = to.x + NODE.width / 2;
  const y2 = to.y;
  const bend = (y2 - y1) / 2;
  return `M${x1} ${y1} C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 4}`;
}
