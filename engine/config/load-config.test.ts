import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { oneOf } from '../../model/index.ts';
import { documentConfig } from './document-config.ts';
import { KybernConfig } from './kybern-config.ts';
import { loadConfig } from './load-config.ts';
import { profiles } from './profiles.ts';

const schema = Type.Object(
  {
    mode: oneOf(['observe', 'auto'], 'What it may do.', { default: 'observe' }),
    dataDir: Type.String({ default: './data', description: 'Where.' }),
    server: Type.Object(
      { port: Type.Integer({ minimum: 0, maximum: 65_535, default: 8080, description: 'Port.' }) },
      { additionalProperties: false, description: 'The server.' },
    ),
    slos: Type.Array(
      Type.Object(
        {
          service: Type.String({ description: 'Name.' }),
          latencyP95Ms: Type.Number({ default: 500, description: 'ms.' }),
        },
        { additionalProperties: false },
      ),
      { default: [], description: 'SLOs.' },
    ),
  },
  { additionalProperties: false },
);

const file = (text: string) => ({ name: 'kybern.yaml', text });

describe('the configuration', () => {
  test('is complete without a file', () => {
    const { value, problems } = loadConfig(schema, { environment: {} });
    expect(problems).toEqual([]);
    expect(value).toEqual({ mode: 'observe', dataDir: './data', server: { port: 8080 }, slos: [] });
  });

  test('takes the file, then the environment, then the command line', () => {
    const { value, problems } = loadConfig(schema, {
      file: file('mode: auto\nserver:\n  port: 1\nslos:\n  - service: cart\n'),
      environment: { KYBERN_SERVER__PORT: '2', KYBERN_DATA_DIR: '/var/lib/kybern', PATH: '/bin' },
      overrides: { 'server.port': 3 },
    });
    expect(problems).toEqual([]);
    expect(value).toEqual({
      mode: 'auto',
      dataDir: '/var/lib/kybern',
      server: { port: 3 },
      slos: [{ service: 'cart', latencyP95Ms: 500 }],
    });
  });

  test('says what could have been said in place of what is wrong', () => {
    const rules = Type.Object({
      mode: oneOf(['observe', 'auto'], 'What it may do.'),
      match: Type.Object(
        { names: Type.Optional(Type.Array(Type.String())), labels: Type.Optional(Type.Array(Type.String())) },
        { additionalProperties: false, minProperties: 1 },
      ),
    });
    const messages = (text: string) =>
      loadConfig(rules, { file: file(text), environment: {} }).problems.map(({ message }) => message);
    expect(messages('mode: loud\nmatch: { name: [a] }\n')).toEqual([
      'must be one of observe, auto',
      'there is no such setting; here are: names, labels',
    ]);
    expect(messages('mode: auto\n')).toEqual(['must say at least one of: names, labels']);
  });

  test('tells all errors at once, each with its line or variable', () => {
    const { problems } = loadConfig(schema, {
      file: file('mode: loud\nserver:\n  port: 70000\n  prot: 1\nslos:\n  - servce: cart\n'),
      environment: { KYBERN_SERVER__PROT: '1' },
    });
    expect(problems.map(({ where, path }) => `${where} ${path}`).sort()).toEqual([
      'environment KYBERN_SERVER__PROT ',
      'kybern.yaml:1 mode',
      'kybern.yaml:3 server.port',
      'kybern.yaml:4 server.prot',
      'kybern.yaml:6 slos.0.servce',
      'kybern.yaml:6 slos.0.service',
    ]);
    expect(problems.find(({ path }) => path === 'mode')?.message).toBe('must be one of observe, auto');
    expect(problems.find(({ path }) => path === 'server.prot')?.message).toContain('there is no such setting');
  });

  test('says which environment variable has the wrong value', () => {
    const { problems } = loadConfig(schema, { environment: { KYBERN_SERVER__PORT: 'eighty' } });
    expect(problems).toEqual([
      { where: 'environment KYBERN_SERVER__PORT', path: 'server.port', message: 'must be integer' },
    ]);
  });

  test('a profile sets what nothing else does', () => {
    const profiled = Type.Object({ ...schema.properties, profile: Type.String({ default: 'large' }) });
    const profiles = { large: {}, small: { mode: 'auto', 'server.port': 1, dataDir: './small' } };
    const load = (text: string, environment = {}) => loadConfig(profiled, { file: file(text), environment, profiles });
    expect(load('profile: small\nmode: observe\n', { KYBERN_DATA_DIR: './here' }).value).toMatchObject({
      mode: 'observe',
      dataDir: './here',
      server: { port: 1 },
    });
    expect(load('').value).toMatchObject({ server: { port: 8080 }, dataDir: './data' });
    expect(load('profile: small\nserver: 3\n').problems.map(({ where }) => where)).toEqual(['kybern.yaml:2']);
  });

  test('every setting of a profile is one there is, and of its kind', () => {
    for (const profile of Object.keys(profiles))
      expect(loadConfig(KybernConfig, { environment: {}, overrides: { profile }, profiles }).problems).toEqual([]);
  });

  test('names the line of broken YAML and of a key given twice', () => {
    expect(loadConfig(schema, { file: file('mode: [\n'), environment: {} }).problems[0]?.where).toMatch(
      /^kybern\.yaml:\d/,
    );
    expect(loadConfig(schema, { file: file('mode: auto\nmode: auto\n'), environment: {} }).problems[0]?.where).toBe(
      'kybern.yaml:2',
    );
  });

  test('documents every setting with its default and variable', () => {
    const text = documentConfig(schema);
    expect(text).toContain('| `server.port` | integer ≥ 0 ≤ 65535 | `8080` | Port. | `KYBERN_SERVER__PORT` |');
    expect(text).toContain('| `slos` | list, see below | `[]` | SLOs. | `KYBERN_SLOS` |');
    expect(text).toContain(
      [
        'Fields of each item of `slos`:',
        '',
        '| field | type | default | meaning |',
        '|---|---|---|---|',
        '| `service` | string | must be given | Name. |',
        '| `latencyP95Ms` | number | `500` | ms. |',
      ].join('\n'),
    );
  });
});
