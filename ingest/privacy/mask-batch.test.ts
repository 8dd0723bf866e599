import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ClusterBatch, type ClusterEvent, type LogBatch, textAt, type WorkloadState } from '../../model/index.ts';
import { maskBatch } from './mask-batch.ts';
import { logsOf, maskerOf } from './testing/privacy-config.ts';

const masker = maskerOf();

test('the bodies of a batch are masked, and the others stay byte for byte', () => {
  const batch = maskBatch(logsOf('größe', 'pwd=x', ''), masker) as LogBatch;
  expect([0, 1, 2].map((row) => textAt(batch.bodies, row))).toEqual(['größe', 'pwd=<credential>', '']);
});

test('any rows may be masked, of columns that do not begin at the start of their bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('plain', '', 'pwd=x', 'é 4111111111111111 ü'), { minLength: 1 }), (texts) => {
      const { bodies, ...batch } = logsOf('before', ...texts);
      const tail = { ...batch, count: texts.length, bodies: { ...bodies, offsets: bodies.offsets.subarray(1) } };
      const masked = maskBatch(tail, masker) as LogBatch;
      expect(texts.map((_, row) => textAt(masked.bodies, row))).toEqual(texts.map(masker.text));
    }),
  );
});

test('a body is not read into the next', () => {
  const batch = logsOf('password=', 'hunter2 4111', '1111 1111 1111');
  expect(maskBatch(batch, masker)).toBe(batch);
});

test('all texts of an event are masked', () => {
  const event: ClusterEvent = {
    id: '1',
    atMs: 0,
    entity: { kind: 'service', namespace: 'shop', name: 'cart' },
    reason: 'deployed pwd=a',
    type: 'Normal',
    message: 'secret=b',
    origin: 'alertmanager',
    change: { what: 'config', by: 'ann api_key=c' },
    alert: {
      name: 'pwd=d',
      state: 'firing',
      severity: '',
      fingerprint: 'f',
      startedAtMs: 0,
      generatorUrl: 'http://x:e@h/',
    },
  };
  const masked = maskBatch({ kind: 'cluster', timeMs: 0, events: [event] }, masker);
  expect(masked).toMatchObject({
    events: [
      {
        reason: 'deployed pwd=<credential>',
        message: 'secret=<credential>',
        change: { by: 'ann api_key=<credential>' },
        alert: { name: 'pwd=<credential>', generatorUrl: 'http://x:<credential>@h/' },
      },
    ],
  });
});

test('annotations of workloads are masked, and the copy of the whole object is left out', () => {
  const workload = {
    ref: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"value":"x"}', note: 'pwd=x', plain: 'y' },
  } as unknown as WorkloadState;
  const other = { ...workload, annotations: { plain: 'y' } };
  const snapshot = { atMs: 0, workloads: [workload, other], pods: [], nodes: [] };
  const masked = maskBatch({ kind: 'cluster', timeMs: 0, events: [], snapshot }, masker) as ClusterBatch;
  expect(masked.snapshot?.workloads[0].annotations).toEqual({ note: 'pwd=<credential>', plain: 'y' });
  expect(masked.snapshot?.workloads[1]).toBe(other);
  const clean = { kind: 'cluster', timeMs: 0, events: [], snapshot: { ...snapshot, workloads: [other] } } as const;
  expect(maskBatch(clean, masker)).toBe(clean);
});
