// Executes the list of objects by graphql-js and graphql-jit; reads { sdl, query, rounds, size } from stdin and
// writes the CPU milliseconds of each round as JSON: of ten executions together, since some take next to nothing.
import { readFileSync } from "node:fs";
import { buildSchema, execute, parse } from "graphql";
import { compileQuery } from "graphql-jit";

const { sdl, query, rounds, size } = JSON.parse(readFileSync(0, "utf8"));
const document = parse(query);

const items = Array.from({ length: size }, (_, i) => ({
  f0: String(i), f1: `n${i}`, f2: i % 3 ? null : "x", f3: i, f4: i * 2,
  f5: i / 4, f6: i % 2 === 0, f7: "s", f8: 1.5, f9: "z",
}));

function schemaOf(asynchronous) {
  const schema = buildSchema(sdl);
  if (asynchronous) {
    for (const field of Object.values(schema.getType("Item").getFields())) {
      field.resolve = async (source) => source[field.name];
    }
  }
  return schema;
}

async function timesOf(run) {
  const times = [];
  for (let round = 0; round < rounds + 20; round += 1) {
    const start = process.cpuUsage();
    let result;
    for (let turn = 0; turn < 10; turn += 1) result = await run();
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 10_000;
    if (result.errors || result.data.items.length !== size) throw new Error(JSON.stringify(result.errors));
    if (round >= 20) times.push(took);
  }
  return times;
}

const figures = {};
for (const asynchronous of [false, true]) {
  const schema = schemaOf(asynchronous);
  const kind = asynchronous ? "async" : "plain";
  const jit = compileQuery(schema, document, "", { customJSONSerializer: false });
  figures[`${kind} graphql-js`] = await timesOf(() => execute({ schema, document, rootValue: { items } }));
  figures[`${kind} graphql-jit`] = await timesOf(() => jit.query({ items }, {}, {}));
}
process.stdout.write(JSON.stringify(figures));
