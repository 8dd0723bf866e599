import type { Labels, SeriesCatalog, SeriesKind } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { checkName, limitedLabels } from '../intake/label-set.ts';
import { refusalOf } from '../intake/tally.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import { readAttributes } from './attributes.ts';
import type { ResourceScope } from './resource-scopes.ts';

/** What a stream is called before its attributes are added. */
export interface StreamHead {
  readonly resource: ResourceScope;
  readonly name: string;
  readonly kind: SeriesKind;
  readonly unit: string;
}

/** Interns OTLP streams under the limits; the answer is an id, or a refusal (negative). */
export interface StreamInterner {
  /** The stream with these attributes beside those of the resource; a later attribute wins over the resource's. */
  intern(head: StreamHead, attributes: Iterable<readonly [string, string]>): number;
  /**
   * The same, with the wanted KeyValues in field `field` of the message at [start, end) as attributes, and `more` after
   * them.
   */
  internMessage(
    head: StreamHead,
    reader: WireReader,
    start: number,
    end: number,
    field: number,
    more?: readonly (readonly [string, string])[],
    wanted?: (key: string) => boolean,
  ): number;
}

export function createStreamInterner(catalog: SeriesCatalog, limits: IngestLimits): StreamInterner {
  function intern(head: StreamHead, attributes: Iterable<readonly [string, string]>): number {
    if (head.resource.refused !== undefined) return head.resource.refused;
    try {
      checkName(head.name, limits);
      const labels: Labels = limitedLabels([...head.resource.attributes, ...attributes], limits);
      return catalog.intern({ name: head.name, labels, kind: head.kind, unit: head.unit, origin: 'received' });
    } catch (error) {
      return refusalOf(error);
    }
  }

  return {
    intern,
    internMessage(head, reader, start, end, field, more = [], wanted = () => true) {
      const [position, outerEnd] = [reader.position, reader.end];
      [reader.position, reader.end] = [start, end];
      const attributes = new Map<string, string>();
      try {
        readAttributes(reader, field, limits, attributes, wanted);
      } catch (error) {
        return refusalOf(error);
      } finally {
        [reader.position, reader.end] = [position, outerEnd];
      }
      return intern(head, [...attributes, ...more]);
    },
  };
}
