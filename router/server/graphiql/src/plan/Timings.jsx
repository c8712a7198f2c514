// When each fetch ran, as bars on one time line; what preparing the operation took stands before them.

import { hueOf } from './colours.js';
import { formatMs, words } from './words.js';

const TICKS = [0, 0.25, 0.5, 0.75, 1];

export function Timings({ trace, selected, onSelect }) {
  const total = Math.max(trace.totalMs, 0.001);
  const at = (ms) => `${Math.min(100, (100 * ms) / total)}%`;
  return (
    <section className="zellige-plan-timings" aria-label={words.timings}>
      <h3>
        {words.timings}
        <small>
          {words.planning} {formatMs(trace.planningMs)} · {words.total} {formatMs(trace.totalMs)}
        </small>
      </h3>
      <ol>
        {trace.phases.map((phase, index) => (
          <li key={`phase-${index}`} className="zellige-plan-phase">
            <span className="zellige-plan-row">
              <bdi>{phase.name}</bdi>
              <Bar from={at(phase.startMs)} length={at(phase.endMs - phase.startMs)} />
              <span>{formatMs(phase.endMs - phase.startMs)}</span>
            </span>
          </li>
        ))}
        {trace.fetches.map((fetch, index) => (
          <li key={`fetch-${index}`} style={{ '--hue': hueOf(fetch.service) }}>
            <button
              type="button"
              className="zellige-plan-row"
              aria-pressed={fetch.id === selected}
              onClick={() => onSelect(fetch.id === selected ? null : fetch.id)}
            >
              <bdi>{fetch.service}</bdi>
              <Bar
                from={at(fetch.startMs)}
                length={at((fetch.endMs ?? trace.totalMs) - fetch.startMs)}
                isFailed={fetch.error !== null}
              />
              <span>{formatMs((fetch.endMs ?? trace.totalMs) - fetch.startMs)}</span>
            </button>
          </li>
        ))}
      </ol>
      <div className="zellige-plan-axis" aria-hidden="true">
        {TICKS.map((tick) => (
          <span key={tick} style={{ insetInlineStart: `${100 * tick}%` }}>
            {formatMs(tick * trace.totalMs)}
          </span>
        ))}
      </div>
    </section>
  );
}

function Bar({ from, length, isFailed = false }) {
  return (
    <span className="zellige-plan-track" aria-hidden="true">
      <span
        className={isFailed ? 'zellige-plan-bar zellige-plan-bar-failed' : 'zellige-plan-bar'}
        style={{ insetInlineStart: from, inlineSize: length }}
      />
    </span>
  );
}
