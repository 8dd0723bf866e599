import type { Decision, Metrics, SeriesDefinition, Store } from '../../model/index.ts';
import { trimDocument } from './trim-document.ts';
import { trimLogs } from './trim-logs.ts';

/** Documents may be so many times longer than other texts. */
const documentFactor = 4;

/** Cuts what is longer than the limit on its way in, and counts it: no single text may hold everything up. */
export function trimmingStore(store: Store, textBytes: number, metrics: Metrics): Store {
  const trimmed = metrics.counter('kybern_store_trimmed_texts_total', 'Texts cut to the limit.', ['what']);
  const cutLogs = (count: number) => trimmed.add(count, { what: 'log bodies' });

  /** Definitions that are not too long, by number: most of a block were looked at before. */
  const short: (SeriesDefinition | undefined)[] = [];

  function trimDefinition(definition: SeriesDefinition): SeriesDefinition {
    if (short[definition.id] === definition) return definition;
    const long = definition.labels.filter(([, value]) => value.length * 3 > textBytes && isLong(value));
    if (long.length === 0) {
      short[definition.id] = definition;
      return definition;
    }
    trimmed.add(long.length, { what: 'label values' });
    return {
      ...definition,
      labels: definition.labels.map(([name, value]) => [name, isLong(value) ? cut(value) : value] as const),
    };
  }

  function trimDecision(decision: Decision): Decision {
    const value = trimDocument(decision.value, textBytes * documentFactor);
    if (value === decision.value) return decision;
    trimmed.add(1, { what: 'documents' });
    return { ...decision, value } as Decision;
  }

  function isLong(value: string): boolean {
    return Buffer.byteLength(value) > textBytes;
  }

  function cut(value: string): string {
    return Buffer.from(value).subarray(0, textBytes).toString().replace(/�$/, '');
  }

  return {
    ...store,
    writeSignals: (block, token) =>
      store.writeSignals(
        {
          ...block,
          definitions: block.definitions.map(trimDefinition),
          logs: block.logs.map((batch) => trimLogs(batch, textBytes, cutLogs)),
        },
        token,
      ),
    writeDecisions: (decisions, token) => store.writeDecisions(decisions.map(trimDecision), token),
  };
}
