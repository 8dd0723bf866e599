import { readFileSync } from 'node:fs';

/** A call that would change something, as the API server's own audit log has it. */
export interface ApiServerWrite {
  readonly atMs: number;
  readonly verb: string;
  /** With its subresource: `deployments/scale`. */
  readonly resource: string;
  readonly namespace: string;
  /** Empty where something is created under a generated name. */
  readonly name: string;
  readonly status: number;
  readonly dryRun: boolean;
}

/** Every write of one account that the API server answered, refused ones and dry runs included, in order. */
export function writesOf(username: string, auditLog: string): ApiServerWrite[] {
  return readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry)
    .filter(({ stage, user }) => stage === 'ResponseComplete' && user.username === username)
    .map(({ verb, requestURI, requestReceivedTimestamp, objectRef, responseStatus }) => ({
      atMs: Date.parse(requestReceivedTimestamp),
      verb,
      resource: [objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/'),
      namespace: objectRef?.namespace ?? '',
      name: objectRef?.name ?? '',
      status: responseStatus?.code ?? 0,
      dryRun: requestURI.includes('dryRun=All'),
    }));
}

interface Entry {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}
