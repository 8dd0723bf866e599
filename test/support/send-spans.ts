import { randomBytes } from 'node:crypto';

/** Traffic of one service, as spans by OTLP/HTTP, second by second until it is stopped. */
export function sendSpans(
  otlpUrl: string,
  of: { readonly service: string; readonly namespace: string; readonly perSecond: number },
) {
  let failing = 0;
  let stopped = false;

  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const resource = {
    attributes: [attribute('service.name', of.service), attribute('k8s.namespace.name', of.namespace)],
  };

  function spanEndingAt(endMs: number, index: number) {
    const failed = index < failing * of.perSecond;
    return {
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      name: 'GET /cart',
      kind: 2,
      startTimeUnixNano: String(BigInt(endMs - 12) * 1_000_000n),
      endTimeUnixNano: String(BigInt(endMs) * 1_000_000n),
      status: failed ? { code: 2 } : {},
    };
  }

  async function send(): Promise<void> {
    const nowMs = Date.now();
    const spans = Array.from({ length: of.perSecond }, (_, index) => spanEndingAt(nowMs, index));
    const answer = await fetch(`${otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }),
    });
    if (!answer.ok) throw new Error(`spans: ${answer.status} ${await answer.text()}`);
  }

  const running = (async () => {
    while (!stopped) {
      await send();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  })();

  return {
    /** From now on this share of the requests fails. */
    fail(share: number) {
      failing = share;
    },
    async stop() {
      stopped = true;
      await running;
    },
  };
}
