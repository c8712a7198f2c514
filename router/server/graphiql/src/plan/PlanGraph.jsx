// The picture: a button for each fetch, an edge from each fetch to those that wait for it.

import { hueOf } from './colours.js';
import { layOut, NODE } from './layout.js';
import { direction, formatMs, words } from './words.js';

const TARGET_LENGTH_MAX = 15;

export function PlanGraph({ plan, runs, selected, onSelect }) {
  const { nodes, edges, width, height } = layOut(plan.fetches, direction === 'rtl');
  return (
    <div className="zellige-plan-scroll">
      {/* Places are computed for either direction; the container itself always counts from the left. */}
      <div className="zellige-plan-picture" role="group" aria-label={words.picture} style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true">
          <defs>
            <marker
              id="zellige-plan-arrow"
              viewBox="0 0 8 8"
              refX="6"
              refY="4"
              markerUnits="userSpaceOnUse"
              markerWidth="9"
              markerHeight="9"
              orient="auto"
            >
              <path d="M0 0L8 4L0 8Z" />
            </marker>
          </defs>
          {edges.map(({ from, to, path }) => (
            <path
              key={`${from}-${to}`}
              d={path}
              className={from === selected || to === selected ? 'zellige-plan-edge-near' : undefined}
              markerEnd="url(#zellige-plan-arrow)"
            />
          ))}
        </svg>
        {nodes.map(({ fetch, x, y }) => (
          <FetchNode
            key={fetch.id}
            fetch={fetch}
            run={runs?.get(fetch.id)}
            wasRun={runs !== null}
            isSelected={fetch.id === selected}
            place={{ left: x, top: y, width: NODE.width, height: NODE.height }}
            onSelect={onSelect}
          />
        ))}
      </div>
    </div>
  );
}

function FetchNode({ fetch, run, wasRun, isSelected, place, onSelect }) {
  const classes = [
    'zellige-plan-node',
    fetch.deferred && 'zellige-plan-deferred',
    run?.error && 'zellige-plan-failed',
    wasRun && !run && 'zellige-plan-unsent',
  ];
  return (
    <button
      type="button"
      dir={direction}
      className={classes.filter(Boolean).join(' ')}
      style={{ ...place, '--hue': hueOf(fetch.service) }}
      aria-pressed={isSelected}
      aria-label={describe(fetch, run, wasRun)}
      onClick={() => onSelect(isSelected ? null : fetch.id)}
    >
      <span className="zellige-plan-service">
        <bdi>{fetch.service}</bdi>
        <small>{fetch.id}</small>
      </span>
      <span className="zellige-plan-target" title={targetsOf(fetch).join(', ')}>
        {endOf(targetsOf(fetch)[0])}
        {targetsOf(fetch).length > 1 && ` +${targetsOf(fetch).length - 1}`}
      </span>
      <span className="zellige-plan-note">{noteOf(fetch, run, wasRun)}</span>
    </button>
  );
}

function targetsOf(fetch) {
  if (fetch.entities) return fetch.entities.flatMap((one) => one.paths);
  return [fetch.path ?? fetch.kind];
}

// The end of a path tells more than its beginning, which the fetches above have shown.
function endOf(path) {
  const steps = path.split('.');
  let end = steps.pop();
  while (steps.length && end.length + steps.at(-1).length < TARGET_LENGTH_MAX) end = `${steps.pop()}.${end}`;
  return steps.length ? `…${end}` : end;
}

function noteOf(fetch, run, wasRun) {
  if (!wasRun) return fetch.deferred ? words.deferred : '';
  if (!run) return words.notSent;
  const duration = formatMs(run.endMs - run.startMs);
  return run.error ? `${duration} · ${words.error}` : duration;
}

function describe(fetch, run, wasRun) {
  const order = fetch.after.length ? `${words.after} ${fetch.after.join(', ')}` : words.together;
  const note = noteOf(fetch, run, wasRun);
  return [`${words.fetch} ${fetch.id}: ${fetch.service}`, targetsOf(fetch).join(', '), order, note].filter(Boolean).join(', ');
}
