// A server with the demo's story standing still, to work on the dashboard: `node api/testing/dev-server.ts [port] [empty]`.
import { createDemoApi } from './demo-api.ts';

const port = Number(process.argv[2] ?? 8090);
const { app } = await createDemoApi({ nowMs: Date.now(), empty: process.argv[3] === 'empty' });
const address = await app.listen({ port, host: '127.0.0.1' });
process.stdout.write(`${address}\n`);
