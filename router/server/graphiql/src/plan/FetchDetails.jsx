// All that the plan and the run say of one fetch.

import { parse, print } from 'graphql';

import { hueOf } from './colours.js';
import { formatMs, formatNumber, words } from './words.js';

export function FetchDetails({ fetch, run }) {
  return (
    <section className="zellige-plan-details" aria-live="polite" style={{ '--hue': hueOf(fetch.service) }}>
      <h3>
        <bdi>{fetch.service}</bdi>
        <small>
          {words.fetch} {fetch.id} · {fetch.after.length ? `${words.after} ${fetch.after.join(', ')}` : words.together}
        </small>
      </h3>
      {run && <RunFacts run={run} />}
      {(fetch.entities ?? []).map((entities) => (
        <p key={entities.variable}>
          {words.objects} <code dir="ltr">{entities.paths.join(', ')}</code> {words.by}{' '}
          <code dir="ltr">{entities.representations.join(' ')}</code>
        </p>
      ))}
      {fetch.apart && <p>{words.apart}</p>}
      <p>
        {words.variables}: <code dir="ltr">{fetch.variables.map((name) => `$${name}`).join(' ') || words.none}</code>
      </p>
      <h4>{words.document}</h4>
      <pre dir="ltr" tabIndex={0}>
        {print(parse(fetch.operation))}
      </pre>
    </section>
  );
}

function RunFacts({ run }) {
  const facts = [
    [words.took, formatMs(run.endMs - run.startMs)],
    [words.entities, run.entities ? formatNumber(run.entities) : null],
    [words.bytes, run.bytes ? formatNumber(run.bytes) : null],
    [words.cache, run.cache],
    [words.error, run.error],
  ];
  return (
    <dl>
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
    </dl>
  );
}
