// What the plan tab shows, and the two ways it gets there: asked for alone, or with the answer of a run.

import { useSyncExternalStore } from 'react';

const TRACE_HEADER = 'x-zellige-trace';
const PLAN_HEADER = 'x-zellige-plan';
const EXTENSION = 'zellige';

const EMPTY = { plan: null, trace: null, problems: [], isWaiting: false };

let state = EMPTY;
// A slow answer must not replace a later one.
let turn = 0;
const listeners = new Set();

export function usePlan() {
  return useSyncExternalStore(subscribe, () => state);
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function show(change) {
  state = { ...state, ...change };
  listeners.forEach((listener) => listener());
}

function begin() {
  show({ isWaiting: true });
  turn += 1;
  return turn;
}

function finish(own, change) {
  if (own === turn) show({ ...change, isWaiting: false });
}

/** Asks for the plan of an operation without running it. */
export async function askPlan(endpoint, { query, variables, operationName, headers }) {
  const own = begin();
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...headers,
        [PLAN_HEADER]: 'only',
      },
      body: JSON.stringify({ query, variables, operationName }),
    });
    const body = await response.json();
    const plan = body.extensions?.[EXTENSION]?.plan ?? null;
    const problems = (body.errors ?? []).map((error) => error.message);
    finish(own, { plan, trace: null, problems });
  } catch (error) {
    finish(own, { plan: null, trace: null, problems: [error.message] });
  }
}

/** Says why nothing could be asked. */
export function showProblem(message) {
  finish(begin(), { plan: null, trace: null, problems: [message] });
}

/** Returns a GraphiQL fetcher whose runs also fill the tab; the answer itself is shown without the trace. */
export function traceRuns(fetcher) {
  return async (params, options) => {
    if (!isTraced(params, options?.documentAST)) return fetcher(params, options);
    const own = begin();
    try {
      const headers = { ...options?.headers, [TRACE_HEADER]: '1' };
      const answer = await fetcher(params, { ...options, headers });
      if (typeof answer?.[Symbol.asyncIterator] === 'function') return takeFromParts(answer, own);
      return take(answer, own);
    } catch (error) {
      finish(own, {});
      throw error;
    }
  };
}

function isTraced(params, documentAST) {
  if (params.operationName === 'IntrospectionQuery') return false;
  const operations = (documentAST?.definitions ?? []).filter((one) => one.kind === 'OperationDefinition');
  const chosen = operations.find((one) => one.name?.value === params.operationName) ?? operations[0];
  return chosen?.operation !== 'subscription';
}

async function* takeFromParts(answer, own) {
  try {
    for await (const part of answer) {
      yield Array.isArray(part) ? part.map((one) => take(one, own)) : take(part, own);
    }
  } finally {
    finish(own, {});
  }
}

function take(answer, own) {
  const trace = answer?.extensions?.[EXTENSION];
  if (!trace) {
    if (answer?.errors && !answer.hasNext) {
      finish(own, { plan: null, trace: null, problems: answer.errors.map((error) => error.message) });
    }
    return answer;
  }
  finish(own, { plan: trace.plan, trace, problems: [] });
  const { [EXTENSION]: _taken, ...rest } = answer.extensions;
  const shown = { ...answer, extensions: rest };
  if (Object.keys(rest).length === 0) delete shown.extensions;
  return shown;
}
