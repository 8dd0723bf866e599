import { createBytesIndex } from '../catalog/bytes-index.ts';
import { refusalOf } from '../intake/tally.ts';
import type { Tenant } from '../intake/tenant.ts';
import type { WireReader } from '../wire/wire-reader.ts';
import { type AttributeLimits, isIdentifying, readAttributes } from './attributes.ts';

/** A resource seen before: a number for keys, and its identifying attributes. */
export interface ResourceScope {
  readonly scope: number;
  readonly attributes: ReadonlyMap<string, string>;
  /** Set where its attributes are refused: then so is everything under it. Negative, see `refusal`. */
  readonly refused?: number;
}

export interface ResourceScopes {
  /**
   * The resource of a ResourceMetrics, ResourceLogs or ResourceSpans message that the reader stands in; the reader is
   * left where it was. Protobuf promises no order of fields, so the message is scanned for it first.
   */
  of(reader: WireReader, tenant: Tenant): ResourceScope;
}

const indexBytes = 16 * 1024 * 1024;

export function createResourceScopes(limits: AttributeLimits, newScope: () => number): ResourceScopes {
  const byNumber = new Map<number, ResourceScope>();
  const index = createBytesIndex(indexBytes, () => byNumber.clear());

  function parse(reader: WireReader, start: number, end: number, tenant: Tenant): ResourceScope {
    const [position, outerEnd] = [reader.position, reader.end];
    [reader.position, reader.end] = [start, end];
    const attributes = new Map<string, string>();
    const scope = newScope();
    try {
      readAttributes(reader, 1, limits, attributes, isIdentifying);
      for (const [name, value] of tenant.labels) attributes.set(name, value);
      return { scope, attributes };
    } catch (error) {
      return { scope, attributes, refused: refusalOf(error) };
    } finally {
      [reader.position, reader.end] = [position, outerEnd];
    }
  }

  return {
    of(reader, tenant) {
      reader.locate(1);
      const { foundStart: start, foundEnd: end } = reader;
      const known = index.find(tenant.index, reader.view, start, end);
      const seen = known < 0 ? undefined : byNumber.get(known);
      if (seen !== undefined) return seen;
      const resource = parse(reader, start, end, tenant);
      if (index.add(tenant.index, reader.view, start, end, resource.scope)) byNumber.set(resource.scope, resource);
      return resource;
    },
  };
}
