/**
 * What the shop's users do, as call trees. Every operation belongs to a service; costs are per call at rest:
 * `cpuMs` of one core, `selfMs` of wall time beside what its callees take.
 */
export interface Operation {
  /** Dense number, callers before callees. */
  readonly index: number;
  readonly service: string;
  readonly name: string;
  readonly cpuMs: number;
  readonly selfMs: number;
  readonly calls: readonly Call[];
  /** The calls run side by side and the slowest counts. */
  readonly parallel: boolean;
}

export interface Call {
  readonly operation: Operation;
  /** How often it is made per call of the caller, at most once. */
  readonly probability: number;
  /** Whether the caller fails with it, or goes on without its answer. */
  readonly critical: boolean;
}

export interface Route {
  readonly name: string;
  readonly share: number;
  readonly entry: Operation;
}

interface Draft {
  service: string;
  name: string;
  cpuMs: number;
  selfMs: number;
  calls?: readonly (readonly [draft: Draft, probability: number, critical?: boolean])[];
  parallel?: boolean;
}

const cacheGet: Draft = { service: 'redis', name: 'GET', cpuMs: 0.08, selfMs: 1 };
const cacheSet: Draft = { service: 'redis', name: 'SET', cpuMs: 0.09, selfMs: 1.2 };
const selectProducts: Draft = { service: 'postgres', name: 'SELECT products', cpuMs: 3, selfMs: 7 };
const selectUser: Draft = { service: 'postgres', name: 'SELECT users', cpuMs: 1.6, selfMs: 4 };
const insertOrder: Draft = { service: 'postgres', name: 'INSERT orders', cpuMs: 4, selfMs: 9 };
const publishOrder: Draft = { service: 'rabbitmq', name: 'orders publish', cpuMs: 0.5, selfMs: 2.5 };

const listProducts: Draft = {
  service: 'catalogue',
  name: 'GET /products',
  cpuMs: 4.25,
  selfMs: 13,
  calls: [
    [cacheGet, 1],
    [selectProducts, 0.1],
  ],
};
const getProduct: Draft = {
  service: 'catalogue',
  name: 'GET /products/{id}',
  cpuMs: 4.25,
  selfMs: 12,
  calls: [
    [cacheGet, 1],
    [selectProducts, 0.1],
  ],
};
const searchProducts: Draft = {
  service: 'search',
  name: 'GET /search',
  cpuMs: 4.7,
  selfMs: 26,
  calls: [
    [cacheGet, 1],
    [selectProducts, 0.15],
  ],
};
const recommend: Draft = {
  service: 'recommendation',
  name: 'GET /recommendations',
  cpuMs: 5,
  selfMs: 18,
  calls: [[cacheGet, 1]],
};
const getCart: Draft = { service: 'cart', name: 'GET /cart', cpuMs: 4.5, selfMs: 10, calls: [[cacheGet, 1]] };
const addToCart: Draft = {
  service: 'cart',
  name: 'POST /cart/items',
  cpuMs: 4.5,
  selfMs: 11,
  calls: [
    [cacheGet, 1],
    [cacheSet, 1],
  ],
};
const getUser: Draft = {
  service: 'user',
  name: 'GET /users/{id}',
  cpuMs: 4.5,
  selfMs: 9,
  calls: [[selectUser, 0.4]],
};
const login: Draft = { service: 'user', name: 'POST /login', cpuMs: 4.5, selfMs: 22, calls: [[selectUser, 1]] };
const charge: Draft = { service: 'payment', name: 'POST /charges', cpuMs: 6, selfMs: 40 };
const quote: Draft = { service: 'shipping', name: 'GET /quotes', cpuMs: 3, selfMs: 16 };
const placeOrder: Draft = {
  service: 'orders',
  name: 'POST /orders',
  cpuMs: 7,
  selfMs: 16,
  calls: [
    [getCart, 1],
    [getUser, 1],
    [quote, 1],
    [charge, 1],
    [insertOrder, 1],
    [publishOrder, 1],
  ],
};

function page(name: string, calls: NonNullable<Draft['calls']>, parallel = false): Draft {
  const atGateway: Draft = { service: 'gateway', name: `${name} api`, cpuMs: 1.7, selfMs: 5, calls, parallel };
  return { service: 'frontend', name, cpuMs: 2.2, selfMs: 11, calls: [[atGateway, 1]] };
}

const drafts: readonly (readonly [route: string, share: number, entry: Draft])[] = [
  [
    'home',
    0.24,
    page(
      'GET /',
      [
        [listProducts, 1],
        [recommend, 1, false],
        [getUser, 0.5],
      ],
      true,
    ),
  ],
  ['product', 0.2, page('GET /product/{id}', [[getProduct, 1]])],
  ['search', 0.18, page('GET /search', [[searchProducts, 1]])],
  ['cart', 0.18, page('POST /cart', [[addToCart, 1]])],
  ['checkout', 0.12, page('POST /checkout', [[placeOrder, 1]])],
  ['login', 0.08, page('POST /login', [[login, 1]])],
];

/** Drains the order queue: not called by anyone. */
const consumeOrder: Draft = { service: 'shipping', name: 'orders process', cpuMs: 3, selfMs: 14 };

/** Orders drafts so that callers come before callees (depth-first, reversed), and numbers them. */
function numberOperations(roots: readonly Draft[]): Map<Draft, Operation> {
  const order: Draft[] = [];
  const visit = (draft: Draft): void => {
    if (order.includes(draft)) return;
    for (const [callee] of draft.calls ?? []) visit(callee);
    order.push(draft);
  };
  for (const root of roots) visit(root);
  const byDraft = new Map<Draft, Operation>();
  order.forEach((draft, position) => {
    const calls = (draft.calls ?? []).map(
      ([callee, probability, critical = true]): Call => ({ operation: byDraft.get(callee)!, probability, critical }),
    );
    const { service, name, cpuMs, selfMs, parallel = false } = draft;
    const index = order.length - 1 - position;
    byDraft.set(draft, { index, service, name, cpuMs, selfMs, calls, parallel });
  });
  return byDraft;
}

const numbered = numberOperations([...drafts.map(([, , entry]) => entry), consumeOrder]);

/** Every operation, callers before callees. */
export const operations: readonly Operation[] = [...numbered.values()].sort((a, b) => a.index - b.index);

export const routes: readonly Route[] = drafts.map(([name, share, entry]) => ({
  name,
  share,
  entry: numbered.get(entry)!,
}));

export const consumeOperation: Operation = numbered.get(consumeOrder)!;

export const publishOperation: Operation = numbered.get(publishOrder)!;
