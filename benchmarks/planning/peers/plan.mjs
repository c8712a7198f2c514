// Plans a corpus with a planner of the npm registry: node plan.mjs PLANNER CORPUS ROUNDS FIRST.
// One JSON line for each operation from number FIRST on: the milliseconds of each round, the fetches and the
// longest chain of the plan. A planner may abort the process; whoever called starts it again after that line.
import { readFileSync, writeSync } from "node:fs";
import { operationFromDocument, Supergraph } from "@apollo/federation-internals";
import { QueryPlanner as ApolloPlanner } from "@apollo/query-planner";
import { QueryPlanner as HivePlanner } from "@graphql-hive/router-query-planner";
import { parse } from "graphql";

const [planner, corpusFile, rounds, first] = process.argv.slice(2);
const corpus = JSON.parse(readFileSync(corpusFile, "utf8"));

function apollo(supergraphSdl) {
  const supergraph = Supergraph.build(supergraphSdl);
  const schema = supergraph.apiSchema();
  const planner = new ApolloPlanner(supergraph, { cache: { get: () => undefined, set: () => {} } });
  return (query) => planner.buildQueryPlan(operationFromDocument(schema, parse(query)));
}

function hive(supergraphSdl) {
  const planner = new HivePlanner(supergraphSdl);
  return (query) => planner.plan(query, null, new Set(), 0);
}

function measure(node) {
  if (!node) return { fetches: 0, depth: 0 };
  switch (node.kind) {
    case "Fetch":
    case "BatchFetch":
      return { fetches: 1, depth: 1 };
    case "Sequence":
    case "Parallel": {
      const inner = node.nodes.map(measure);
      const depths = inner.map((each) => each.depth);
      return {
        fetches: inner.reduce((sum, each) => sum + each.fetches, 0),
        depth: node.kind === "Sequence" ? depths.reduce((a, b) => a + b, 0) : Math.max(0, ...depths),
      };
    }
    case "Condition": {
      const branches = [node.ifClause, node.elseClause].map(measure);
      return {
        fetches: Math.max(...branches.map((each) => each.fetches)),
        depth: Math.max(...branches.map((each) => each.depth)),
      };
    }
    default:
      return measure(node.node);
  }
}

function planInRounds(plan, query) {
  const times = [];
  let found;
  for (let round = 0; round < Number(rounds); round++) {
    const start = process.hrtime.bigint();
    found = plan(query);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return { times, ...measure(found.node) };
}

let number = 0;
for (const { supergraph, operations } of corpus) {
  let plan;
  for (const query of operations) {
    if (number++ < Number(first)) continue;
    let line;
    try {
      plan ??= { apollo, hive }[planner](supergraph);
      line = planInRounds(plan, query);
    } catch (error) {
      line = { refused: String(error.message ?? error).slice(0, 200) };
    }
    writeSync(1, `${JSON.stringify(line)}\n`);
  }
}
