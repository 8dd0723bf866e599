import { contentHash, type SeriesIdentity } from '../../model/index.ts';

/** 16 hex digits that follow from kind, name and labels: the same on every machine. */
export function fingerprintOf(identity: SeriesIdentity): string {
  return contentHash(identity.kind, identity.name, ...identity.labels.flat());
}
