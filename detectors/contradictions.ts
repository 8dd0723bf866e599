import type { DetectorsConfig } from './config.ts';

/** Settings that are each allowed and make no sense together. */
export interface Contradiction {
  /** Of the one to change first, below `detectors`. */
  readonly path: readonly string[];
  readonly message: string;
}

/** What no schema can tell: settings that hold by themselves, and with others switch off what they are about. */
export function contradictionsIn(config: DetectorsConfig): readonly Contradiction[] {
  return [...beyondTheirWindow(config), ...acceptedUntold(config), ...keylessSessions(config), ...namesakes(config)];
}

function beyondTheirWindow({ metrics, slo, entities }: DetectorsConfig): readonly Contradiction[] {
  const { persistentSamples, windowSamples } = metrics;
  const { brokenWindows, ofWindows } = slo;
  const { minimumMetrics, maximumMetrics } = entities;
  return [
    ...over(
      ['metrics', 'persistentSamples'],
      persistentSamples,
      'windowSamples',
      windowSamples,
      'no deviation persists',
    ),
    ...over(['slo', 'brokenWindows'], brokenWindows, 'ofWindows', ofWindows, 'no SLO is ever broken'),
    ...over(['entities', 'minimumMetrics'], minimumMetrics, 'maximumMetrics', maximumMetrics, 'no entity is judged'),
  ];
}

function acceptedUntold({ metrics: { signals, acceptShiftSeconds } }: DetectorsConfig): readonly Contradiction[] {
  return signals.flatMap(({ forSeconds = 0 }, at) => {
    const path = ['metrics', 'signals', String(at), 'forSeconds'];
    return over(path, forSeconds, 'acceptShiftSeconds', acceptShiftSeconds, 'it is the new normal before it is told');
  });
}

function over(path: readonly string[], value: number, name: string, most: number, what: string): Contradiction[] {
  return value <= most ? [] : [{ path, message: `${value} is more than ${name}, which is ${most}: ${what}` }];
}

function keylessSessions({ logs: { sessionBy, sessionKey } }: DetectorsConfig): readonly Contradiction[] {
  if (sessionKey !== '' || (sessionBy !== 'label' && sessionBy !== 'text')) return [];
  return [{ path: ['logs', 'sessionBy'], message: `${sessionBy} needs a sessionKey` }];
}

/** Budgets are saved, and shown in metrics, by the name of the team. */
function namesakes({ policy: { teams } }: DetectorsConfig): readonly Contradiction[] {
  const names = teams.map(({ name }) => name);
  return names.flatMap((name, at) => {
    if (names.indexOf(name) === at) return [];
    const message = `there is a team ${name} already: budgets are kept by name`;
    return [{ path: ['policy', 'teams', String(at), 'name'], message }];
  });
}
