// The pane of the plan tab: the button, the picture, the timings, and one fetch in full.

import { useGraphiQL, useHeadersEditorState, useOperationsEditorState, useVariablesEditorState } from '@graphiql/react';
import { useEffect, useState } from 'react';

import { FetchDetails } from './FetchDetails.jsx';
import { PlanGraph } from './PlanGraph.jsx';
import { askPlan, showProblem, usePlan } from './store.js';
import { Timings } from './Timings.jsx';
import { direction, language, words } from './words.js';

export function PlanTab({ endpoint }) {
  const { plan, trace, problems, isWaiting } = usePlan();
  const [selected, setSelected] = useState(null);
  const ask = useAsk(endpoint);
  // Another plan has other fetches under the same numbers.
  useEffect(() => setSelected(null), [plan]);
  const runs = trace ? runsById(trace) : null;
  const fetch = plan?.fetches.find((one) => one.id === selected);
  return (
    <div className="zellige-plan" dir={direction} lang={language}>
      <header>
        <h2 className="graphiql-doc-explorer-title">{words.title}</h2>
        <button type="button" className="graphiql-button" onClick={ask} aria-busy={isWaiting}>
          {words.ask}
        </button>
      </header>
      {!plan && problems.length === 0 && <p className="zellige-plan-hint">{words.hint}</p>}
      {problems.map((problem, index) => (
        <p key={index} role="alert" dir="auto" className="zellige-plan-problem">
          {problem}
        </p>
      ))}
      {plan && plan.fetches.length === 0 && <p className="zellige-plan-hint">{words.empty}</p>}
      {plan && plan.fetches.length > 0 && (
        <PlanGraph plan={plan} runs={runs} selected={selected} onSelect={setSelected} />
      )}
      {trace && <Timings trace={trace} selected={selected} onSelect={setSelected} />}
      {fetch && <FetchDetails fetch={fetch} run={runs?.get(fetch.id)} />}
    </div>
  );
}

function useAsk(endpoint) {
  const operationName = useGraphiQL((state) => state.overrideOperationName ?? state.operationName);
  const [query] = useOperationsEditorState();
  const [variables] = useVariablesEditorState();
  const [headers] = useHeadersEditorState();
  return () => {
    let given;
    try {
      given = { variables: readJson(variables), headers: readJson(headers) };
    } catch (error) {
      showProblem(error.message);
      return;
    }
    askPlan(endpoint, { query, operationName: operationName || undefined, ...given });
  };
}

function readJson(text) {
  return text?.trim() ? JSON.parse(text) : undefined;
}

// A fetch may be sent several times, for objects that differ in what stands around them: shown as one.
function runsById(trace) {
  const runs = new Map();
  for (const one of trace.fetches) {
    const run = { ...one, endMs: one.endMs ?? trace.totalMs };
    const earlier = runs.get(one.id);
    runs.set(one.id, earlier ? join(earlier, run) : run);
  }
  return runs;
}

function join(a, b) {
  return {
    ...a,
    startMs: Math.min(a.startMs, b.startMs),
    endMs: Math.max(a.endMs, b.endMs),
    bytes: a.bytes + b.bytes,
    entities: a.entities + b.entities,
    error: a.error ?? b.error,
    cache: a.cache === b.cache ? a.cache : 'partial',
  };
}
