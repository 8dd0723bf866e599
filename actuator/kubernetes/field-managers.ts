import type { V1ManagedFieldsEntry, V1ObjectMeta } from '@kubernetes/client-node';

/** Who last wrote a field, and when, as far as the API server tells (kubernetes.io, "Server-Side Apply", field management). */
export interface FieldWrite {
  readonly by: string;
  readonly atMs: number;
}

/** The latest write that touched the field of this path, such as `f:spec`, `f:template`; undefined where none is told. */
export function latestWrite(metadata: V1ObjectMeta | undefined, ...path: readonly string[]): FieldWrite | undefined {
  let latest: FieldWrite | undefined;
  for (const entry of metadata?.managedFields ?? []) {
    const atMs = new Date(entry.time ?? 0).getTime();
    if (touches(entry, path) && (latest === undefined || atMs >= latest.atMs)) {
      latest = { by: entry.manager ?? 'unknown', atMs };
    }
  }
  return latest;
}

function touches({ fieldsV1 }: V1ManagedFieldsEntry, path: readonly string[]): boolean {
  let fields: unknown = fieldsV1;
  for (const step of path) {
    if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, step)) return false;
    fields = (fields as Record<string, unknown>)[step];
  }
  return fields !== undefined;
}
