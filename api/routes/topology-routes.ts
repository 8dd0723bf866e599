import { Type } from 'typebox';
import { type EntityRef, entityKey, entityKinds, oneOf, type Page, type TopologyNode } from '../../model/index.ts';
import { problems } from '../schemas/responses.ts';
import { pageOf, TopologyNodeRef, TopologyRef } from '../schemas/shared-schemas.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { RegisterRoutes } from './route-context.ts';

const EntityQuery = Type.Object(
  {
    kind: Type.Optional(oneOf(entityKinds, 'Only of this kind.')),
    namespace: Type.Optional(Type.String({ maxLength: 253, description: 'Only in this namespace.' })),
    health: Type.Optional(
      oneOf(['healthy', 'anomalous', 'cause', 'symptom', 'unknown'], 'Only those in this state of health.'),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, description: 'Most items of the page.' })),
    cursor: Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description: '`next` of the page before.' })),
  },
  { additionalProperties: false, description: 'Narrowing and paging.' },
);
const EntityPage = pageOf(TopologyNodeRef, 'A page of entities, by kind, namespace and name.');

export const registerTopologyRoutes: RegisterRoutes = (app, { engine, config }) => {
  app.get(
    '/api/v1/topology',
    {
      schema: {
        tags: ['topology'],
        operationId: 'getTopology',
        summary: 'The graph of entities that causes travel on, with its health.',
        response: { 200: TopologyRef, ...problems },
      },
    },
    async () => engine.topology(),
  );
  app.get(
    '/api/v1/entities',
    {
      schema: {
        tags: ['topology'],
        operationId: 'listEntities',
        summary: 'Entities with their health.',
        querystring: EntityQuery,
        response: { 200: EntityPage, ...problems },
      },
    },
    async ({ query }) => {
      const limit = Math.min(query.limit ?? config.pages.defaultItems, config.pages.maxItems);
      const { kind, namespace, health } = query;
      const wanted = engine
        .topology()
        .nodes.filter(
          (node) =>
            (kind === undefined || node.entity.kind === kind) &&
            (namespace === undefined || node.entity.namespace === namespace) &&
            (health === undefined || node.health === health),
        );
      return pageOfNodes(wanted, limit, query.cursor);
    },
  );
};

function pageOfNodes(nodes: readonly TopologyNode[], limit: number, cursor: string | undefined): Page<TopologyNode> {
  const after = cursor === undefined ? '' : decodeCursor(cursor);
  const sorted = nodes
    .map((node) => ({ key: entityKey(node.entity as EntityRef), node }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const items = sorted.slice(0, limit);
  const last = items.at(-1);
  const next = sorted.length > limit && last !== undefined ? { next: encodeCursor(last.key) } : {};
  return { items: items.map(({ node }) => node), ...next };
}
