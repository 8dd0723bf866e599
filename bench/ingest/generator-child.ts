import { Agent, request } from 'node:http';
import type { LoadPlan, LoadReport } from './load-plan.ts';
import { createWriteBodies } from './write-bodies.ts';

// A process of its own, so that the processor time of the sender is not the receiver's. All bodies are made before the
// first is sent: making them would cost as much as taking them in.
process.once('message', (plan: LoadPlan) => {
  const bodies = createWriteBodies(plan);
  const made = Array.from({ length: plan.rounds }, (_, round) =>
    Array.from({ length: bodies.groups }, (_, group) => bodies.body(group, round)),
  );
  process.send?.('ready');
  process.once('message', () => {
    void send(plan, made, bodies.samplesPerBody).then((report) => {
      process.send?.(report);
      process.disconnect();
    });
  });
});

/** A receiver that takes nothing for so long has died. */
const longestOutageMs = 60_000;

async function send(plan: LoadPlan, made: readonly (readonly Buffer[])[], samplesPerBody: number): Promise<LoadReport> {
  const groups = made[0]!.length;
  const agent = new Agent({ keepAlive: true, maxSockets: plan.connections ?? groups });
  const latencies: number[] = [];
  let retries = 0;
  const began = performance.now() + (plan.live ? plan.startMs - Date.now() : 0);
  if (plan.live && began < performance.now()) throw new Error('the bodies were not made in time');
  const perSecond = plan.live ? (groups * samplesPerBody * 1000) / plan.stepMs : plan.samplesPerSecond;
  const dueMs = (index: number) => (perSecond === undefined ? 0 : began + (index * samplesPerBody * 1000) / perSecond);

  async function sendGroup(group: number): Promise<void> {
    for (let round = 0; round < made.length; round++) {
      const due = dueMs(round * groups + group);
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      const from = due > 0 ? due : performance.now();
      while (!(await post(agent, plan.url, made[round]![group]!))) {
        if (performance.now() - from > longestOutageMs) throw new Error(`${plan.url} takes nothing any more`);
        retries += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      latencies.push(performance.now() - from);
    }
  }

  await Promise.all(Array.from({ length: groups }, (_, group) => sendGroup(group)));
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  latencies.sort((left, right) => left - right);
  const quantile = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!;
  return {
    samples: made.length * groups * samplesPerBody,
    seconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    retries,
  };
}

/** True where it was taken, false where it is to be sent again. Throws where it was refused. */
function post(agent: Agent, url: string, body: Buffer): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        agent,
        method: 'POST',
        headers: {
          'content-type': 'application/x-protobuf',
          'content-encoding': 'snappy',
          'x-prometheus-remote-write-version': '0.1.0',
          'content-length': body.length,
        },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          if (status < 300) resolve(true);
          else if (status === 503 || status === 429) resolve(false);
          else reject(new Error(`${status}: ${text}`));
        });
      },
    );
    call.on('error', () => resolve(false));
    call.end(body);
  });
}
