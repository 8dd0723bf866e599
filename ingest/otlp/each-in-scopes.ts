import { KybernError } from '../../model/index.ts';
import type { WireReader } from '../wire/wire-reader.ts';

/**
 * Calls back in each item of an OTLP request: field 1 (a resource's items) / field 2 (a scope's items) / field 2 (an
 * item), which metrics, logs and traces have in common. `resource` is called in each resource message before its items.
 * Throws KYBERN_BODY_UNREADABLE where a body that is not empty holds no resource at all.
 */
export function eachInScopes(reader: WireReader, what: string, resource: () => void, item: () => void): void {
  let understood = reader.end === 0;
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    understood = true;
    const outer = reader.enter();
    resource();
    eachField2(reader, () => eachField2(reader, item));
    reader.leave(outer);
  }
  if (!understood) throw new KybernError('KYBERN_BODY_UNREADABLE', `the body is not an ${what}`);
}

function eachField2(reader: WireReader, inside: () => void): void {
  while (reader.next()) {
    if (reader.field === 2) {
      const outer = reader.enter();
      inside();
      reader.leave(outer);
    } else reader.skip();
  }
}
