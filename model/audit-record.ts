import { type Static, Type } from 'typebox';
import { Timestamp } from './timestamp.ts';

export const AuditRecord = Type.Object(
  {
    id: Type.String({ description: 'Follows from action, event and revision.' }),
    sequence: Type.Integer({ minimum: 1, description: 'Grows by one, without gaps.' }),
    at: Timestamp('Wall-clock time.'),
    actor: Type.String({ description: "'kybern' or who asked for it." }),
    event: Type.String({
      description:
        'action-proposed, action-gated, action-approved, action-rejected, action-expired, action-intended, action-applied, action-failed, action-unknown, action-verified, action-undo, action-reverted, mode-changed, kill-switch, started, stopped.',
    }),
    actionId: Type.Optional(Type.String({ description: 'The action concerned.' })),
    target: Type.Optional(Type.String({ description: 'Kind/namespace/name of the object concerned.' })),
    detail: Type.String({ description: 'In one sentence.' }),
    before: Type.Optional(Type.Unknown({ description: 'Live fields before.' })),
    after: Type.Optional(Type.Unknown({ description: 'Fields as written.' })),
    previousHash: Type.String({ description: 'Hash of the record before; 64 zeros for the first.' }),
    hash: Type.String({ description: 'SHA-256 over the canonical JSON of this record without this field.' }),
  },
  { description: 'One line of the append-only audit log.' },
);
export type AuditRecord = Static<typeof AuditRecord>;
