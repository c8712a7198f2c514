// Composes sets of subgraphs with a composer of the npm registry: node compose.mjs COMPOSER SETS ROUNDS.
// SETS is a file with a JSON list of { name: sdl } maps. One JSON line for each: the milliseconds of every round,
// or why it was refused.
import { readFileSync, writeSync } from "node:fs";
import { composeServices as apollo } from "@apollo/composition";
import { composeServices as guild } from "@theguild/federation-composition";
import { parse } from "graphql";

const [composer, file, rounds] = process.argv.slice(2);
const compose = { apollo, guild }[composer];

function composeOnce(subgraphs) {
  const services = Object.entries(subgraphs).map(([name, sdl]) => ({
    name,
    url: `http://${name}.test/graphql`,
    typeDefs: parse(sdl),
  }));
  const { supergraphSdl, errors } = compose(services);
  if (!supergraphSdl) throw new Error(errors?.[0]?.message ?? "no supergraph");
}

for (const subgraphs of JSON.parse(readFileSync(file, "utf8"))) {
  const times = [];
  let refused = "";
  for (let round = 0; round < Number(rounds) && !refused; round++) {
    const start = process.hrtime.bigint();
    try {
      composeOnce(subgraphs);
      times.push(Number(process.hrtime.bigint() - start) / 1e6);
    } catch (error) {
      refused = String(error.message ?? error).slice(0, 200);
    }
  }
  writeSync(1, `${JSON.stringify({ times, refused })}\n`);
}
