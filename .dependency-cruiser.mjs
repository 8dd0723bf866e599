// The layering of the house (docs/decisions/0002-layering.md), checked in CI by `npm run layers`.
const stages = ['ingest', 'detectors', 'rca', 'tuner', 'actuator', 'api', 'store', 'datasets'];
const testFiles = '\\.test\\.ts$|/testing/';

const stagesStayApart = stages.map((stage) => ({
  name: `${stage}-stays-apart`,
  comment: 'A stage imports model/ and itself; engine/ wires stages together.',
  severity: 'error',
  from: { path: `^${stage}/`, pathNot: `${testFiles}|^detectors/lstm/train/` },
  to: { path: `^(${[...stages, 'engine', 'bench', 'test'].filter((other) => other !== stage).join('|')})/` },
}));

export default {
  forbidden: [
    ...stagesStayApart,
    {
      name: 'model-is-ground',
      comment: 'model/ is the vocabulary: it imports nothing of ours and does no I/O.',
      severity: 'error',
      from: { path: '^model/', pathNot: testFiles },
      to: { path: '^(?!model/|node_modules/typebox|crypto$|node:crypto$)' },
    },
    {
      name: 'through-the-face',
      comment:
        'Outside a stage its index.ts is the only door; a sub-stage with an index.ts of its own (for example actuator/kubernetes) is a door too.',
      severity: 'error',
      from: { path: '^(engine|bench|test|detectors/lstm/train)/' },
      to: {
        path: '^(ingest|detectors|rca|tuner|actuator|api|store|datasets)/',
        pathNot: '/index\\.ts$|/testing/|^detectors/lstm/train/',
      },
    },
    {
      name: 'only-store-speaks-sql',
      severity: 'error',
      from: { pathNot: '^store/' },
      to: { path: 'node_modules/(@clickhouse|chdb)' },
    },
    {
      name: 'only-actuator-kubernetes-knows-the-cluster-client',
      severity: 'error',
      from: { pathNot: '^(actuator/kubernetes|test)/' },
      to: { path: 'node_modules/@kubernetes' },
    },
    {
      name: 'run-time-needs-run-time-dependencies',
      comment:
        'What the package runs may not need what only development installs. Of type-provider-typebox only types are used; typebox is built in.',
      severity: 'error',
      from: {
        path: '^(model|ingest|detectors|rca|tuner|actuator|api|store|datasets|engine)/',
        pathNot: `${testFiles}|^detectors/lstm/train/|^engine/(build|docs)/`,
      },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: '^node_modules/(@fastify/type-provider-typebox|typebox)/',
      },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { pathNot: 'node_modules' } } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|kybern-data|coverage|tmp)' },
    tsPreCompilationDeps: true,
    moduleSystems: ['es6'],
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
