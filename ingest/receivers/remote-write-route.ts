import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SeriesCatalog } from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import type { SampleWindow } from '../intake/sample-window.ts';
import { explainRejections, rejectedItems, type Tally } from '../intake/tally.ts';
import { createRequest2Decoder } from '../remote-write/decode-request-2.ts';
import { createWriteRequestDecoder, type WriteRequestDecoder } from '../remote-write/decode-write-request.ts';
import { createMetricTypes } from '../remote-write/metric-types.ts';
import { type BodyDoor, type IntakeDeps, takeBody } from './body-intake.ts';
import { refusalError, setRefusal } from './refusals.ts';
import { type RemoteWriteVersion, remoteWriteVersion } from './remote-write-version.ts';
import { createSnappyScratch } from './snappy-scratch.ts';

const url = '/api/v1/write';
const protocol = 'remote-write';
const signal = 'metrics';

/**
 * Prometheus remote-write 1.0 and 2.0: POST /api/v1/write, a snappy block of the message that the Content-Type names.
 * 204 where all was taken; 400 where some was refused, after the rest was taken; to 2.0 both with what was written.
 */
export function createRemoteWriteRoute(
  deps: IntakeDeps & { catalog: SeriesCatalog; limits: IngestLimits; window: SampleWindow },
) {
  const { catalog, limits, window } = deps;
  const uncompress = createSnappyScratch(limits);
  const types = createMetricTypes();
  const doorOf = (decoder: WriteRequestDecoder): BodyDoor => ({
    protocol,
    signal,
    // Uncompressed and decoded in one go: the plain bytes are gone with the next body.
    open: (body) => body,
    decode: (body, nowMs, tally, tenant) => decoder.decode(uncompress(body), nowMs, tally, tenant),
    committed: window.committed,
  });
  const doors: Record<RemoteWriteVersion, BodyDoor> = {
    1: doorOf(createWriteRequestDecoder({ catalog, limits, window, types })),
    2: doorOf(createRequest2Decoder({ catalog, limits, window, types })),
  };

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
    try {
      const version = remoteWriteVersion(request.headers);
      const tally = await takeBody(deps, doors[version], body, deps.tenants.of(request.headers));
      if (version === 2) reply.headers(writtenHeaders(tally));
      const problem = explain(tally);
      return problem === '' ? reply.code(204).send() : reply.code(400).type('text/plain').send(`${problem}\n`);
    } catch (caught) {
      return sendError(request, reply, caught);
    }
  }

  return function registerRemoteWrite(app: FastifyInstance): void {
    app.setErrorHandler((error, request, reply) => sendError(request, reply, error));
    app.addHook('onResponse', async (request, reply) => {
      if (request.routeOptions.url !== url) return;
      const bytes = request.body instanceof Uint8Array ? request.body.length : 0;
      deps.metrics.request(protocol, signal, reply.statusCode, bytes);
    });
    app.post(url, receive);
  };
}

/**
 * What was taken, as 2.0 wants it told. A stale marker or a NaN counts: it was understood, and to send it again would
 * change nothing. Where nothing is said, as with every other status, it means none.
 */
function writtenHeaders(tally: Tally): Record<string, string> {
  const histograms = tally.histograms.received - tally.histograms.rejected;
  return {
    'x-prometheus-remote-write-samples-written': String(tally.received - rejectedItems(tally) - histograms),
    'x-prometheus-remote-write-histograms-written': String(histograms),
    'x-prometheus-remote-write-exemplars-written': String(tally.exemplars.taken),
  };
}

function explain(tally: Tally): string {
  const exemplars = tally.exemplars.rejected;
  const parts = [explainRejections(tally), exemplars === 0 ? '' : `${exemplars} exemplars rejected`];
  return parts.filter((part) => part !== '').join('; ');
}

function sendError(request: FastifyRequest, reply: FastifyReply, caught: unknown): FastifyReply {
  const error = refusalError(caught);
  if (error.code === 'KYBERN_INTERNAL') request.log.error(error);
  return setRefusal(reply, error).type('text/plain').send(`${error.code}: ${error.message}\n`);
}
