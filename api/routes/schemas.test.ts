import Fastify, { type RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedSchemas } from '../schemas/shared-schemas.ts';
import { createDemoApi, type DemoApi, demoDeps } from '../testing/demo-api.ts';
import { registerHealthRoutes } from './health-routes.ts';
import { resourceRoutes } from './index.ts';
import type { ApiInstance } from './route-context.ts';

/** As much of JSON Schema, and of Fastify's answers by content type, as the rules look at. */
interface SchemaNode {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly content?: Readonly<Record<string, { readonly schema: SchemaNode }>>;
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly additionalProperties?: boolean | SchemaNode;
}

function allRoutes(): RouteOptions[] {
  const routes: RouteOptions[] = [];
  const app = Fastify({ exposeHeadRoutes: false });
  app.addHook('onRoute', (route) => void routes.push(route));
  for (const register of [...resourceRoutes, registerHealthRoutes]) register(app as unknown as ApiInstance, demoDeps());
  return routes;
}

/** Paths of properties, items and parts of unions that say nothing about themselves. */
function undescribed(node: SchemaNode | undefined, path: string): string[] {
  if (node === undefined || node.$ref !== undefined) return [];
  const children = [
    ...Object.entries(node.properties ?? {}).map(([name, child]) => [child, `${path}.${name}`] as const),
    ...Object.entries(node.content ?? {}).map(([type, { schema }]) => [schema, `${path} ${type}`] as const),
    ...(node.anyOf ?? []).map((child, i) => [child, `${path}|${i}`] as const),
  ];
  const faults = children.flatMap(([child, where]) => [
    ...(isDescribed(child) ? [] : [where]),
    ...undescribed(child, where),
  ]);
  return [...faults, ...undescribed(node.items, `${path}[]`)];
}

/** `number | null` in a column needs no words for each of the two. */
function isDescribed(node: SchemaNode): boolean {
  const plain = node.type === 'null' || (node.type === 'number' && Object.keys(node).length === 1);
  return plain || node.$ref !== undefined || (node.description ?? '').length > 2;
}

describe('every route', () => {
  const routes = allRoutes();

  test('has schemas that validators and serializers can be made of, which are else made with its first request', async () => {
    const app = Fastify({ exposeHeadRoutes: false });
    for (const [name, schema] of Object.entries(sharedSchemas)) app.addSchema({ ...schema, $id: name });
    for (const register of [...resourceRoutes, registerHealthRoutes])
      register(app as unknown as ApiInstance, demoDeps());
    await app.ready();
    await app.close();
  });

  test('is there', () => expect(routes.length).toBeGreaterThan(25));

  test.each(routes.map((route) => [`${String(route.method)} ${route.url}`, route.schema] as const))(
    '%s says what it is, what it takes and what it answers',
    (name, schema) => {
      expect(schema?.operationId, 'operationId').toMatch(/^[a-z][A-Za-z]+$/);
      expect(schema?.summary, 'summary').toMatch(/^[A-Z].+\.$/);
      expect(schema?.tags).toHaveLength(1);
      const answers = schema?.response as Readonly<Record<string, SchemaNode>>;
      expect(Object.keys(answers)).toEqual(expect.arrayContaining(['200', '4xx', '5xx']));
      const asked = { body: schema?.body, querystring: schema?.querystring, params: schema?.params };
      const parts = { ...answers, ...(asked as Record<string, SchemaNode | undefined>) };
      for (const [part, of] of Object.entries(parts)) expect(undescribed(of, `${name} ${part}`)).toEqual([]);
      for (const part of [parts.body, parts.querystring]) {
        if (part !== undefined) expect(part.additionalProperties, 'unknown members are refused').toBe(false);
      }
    },
  );

  test('has an operationId of its own', () => {
    const ids = routes.map((route) => route.schema?.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test.each(Object.entries(sharedSchemas))('every property of %s is described', (name, schema) => {
  const node: SchemaNode = schema;
  expect(node.description).toEqual(expect.any(String));
  expect(undescribed(node, name)).toEqual([]);
});

describe('the OpenAPI document', () => {
  let demo: DemoApi;
  beforeAll(async () => {
    demo = await createDemoApi();
  });
  afterAll(() => demo.app.close());

  test('is 3.1, complete, and its references resolve', async () => {
    const document = (await demo.app.inject({ url: '/docs/json', headers: { host: 'localhost' } })).json();
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths as object).flatMap((path) => Object.keys(path as object));
    expect(operations).toHaveLength(allRoutes().length);
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target ?? '');
    expect(references.length).toBeGreaterThan(30);
    for (const reference of new Set(references)) {
      const name = reference.replace('#/components/schemas/', '');
      expect(document.components.schemas, reference).toHaveProperty([name]);
    }
  });

  test('says how labels are asked for', async () => {
    const document = (await demo.app.inject({ url: '/docs/json', headers: { host: 'localhost' } })).json();
    expect(document.paths['/api/v1/query'].get.description).toContain('label.');
  });

  test('has a page that needs nothing from elsewhere', async () => {
    const page = await demo.app.inject({ url: '/docs/', headers: { host: 'localhost' } });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/https?:\/\//);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
  });
});
