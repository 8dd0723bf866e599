import { expect, test } from 'vitest';
import { KybernError } from '../../../model/index.ts';
import { deadLetterHeaders, withoutErrorHeaders } from './dead-letter-headers.ts';

const where = { topic: 'orders', partition: 3, offset: '9007199254740993', source: 'main' };

test('a dead letter tells where it came from and why, beside its own headers', () => {
  const error = new KybernError('KYBERN_BODY_UNREADABLE', 'not OTLP');
  expect(deadLetterHeaders({ trace: 'abc' }, { ...where, error })).toEqual({
    trace: 'abc',
    '__connect.errors.topic': 'orders',
    '__connect.errors.partition': '3',
    '__connect.errors.offset': '9007199254740993',
    '__connect.errors.connector.name': 'main',
    '__connect.errors.stage': 'VALUE_CONVERTER',
    '__connect.errors.exception.class.name': 'KYBERN_BODY_UNREADABLE',
    '__connect.errors.exception.message': 'not OTLP',
  });
});

test('an error of no code has its class', () => {
  const headers = deadLetterHeaders(undefined, { ...where, error: new TypeError('a defect') });
  expect(headers['__connect.errors.exception.class.name']).toBe('TypeError');
});

test('a replay has the original headers; one that fails again has one set of reasons', () => {
  const original = { trace: 'abc', list: ['a', Buffer.from('b')] };
  const once = deadLetterHeaders(original, { ...where, error: new Error('first') });
  expect(withoutErrorHeaders(once)).toEqual(original);
  const twice = deadLetterHeaders(once, { ...where, error: new Error('second') });
  expect(twice['__connect.errors.exception.message']).toBe('second');
  expect(Object.keys(twice)).toHaveLength(Object.keys(once).length);
});
