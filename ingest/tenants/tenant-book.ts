import type { IncomingHttpHeaders } from 'node:http';
import { type Clock, KybernError, type Metrics } from '../../model/index.ts';
import { defaultTenant, type Tenant, tenantLabel } from '../intake/tenant.ts';
import type { TenantsConfig } from './tenants-config.ts';
import { type Rate, spend, type TokenBucket, waitSeconds } from './token-bucket.ts';

export interface TenantBook {
  /**
   * Who sends a request with these headers. Throws KYBERN_TENANT where the name is missing, malformed or not known. A
   * tenant's own label `tenant` gives way to this one: nobody writes into the series of another.
   */
  of(headers: IncomingHttpHeaders): Tenant;
  /** Throws KYBERN_RATE_LIMITED while the tenant has sent more than its rate allows. */
  check(tenant: Tenant): void;
  /** Counts what a body of the tenant held. */
  spend(tenant: Tenant, items: number): void;
}

interface Entry {
  readonly tenant: Tenant;
  readonly rate: Rate | undefined;
  readonly bucket: TokenBucket;
}

const wellFormed = /^[A-Za-z0-9!_.*'()-]{1,150}$/;
const defaultBurstSeconds = 10;

export function createTenantBook(config: TenantsConfig, clock: Clock, metrics: Metrics): TenantBook {
  const limited = metrics.counter(
    'kybern_ingest_rate_limited_total',
    'Requests told to come again because their tenant is over its rate.',
    ['tenant'],
  );
  const entries: Entry[] = [];
  const byName = new Map<string, Entry>();
  const isClosed = config.known.length > 0;

  function add(name: string, limits: Pick<TenantsConfig, 'itemsPerSecond' | 'burstItems'>): Entry {
    const index = entries.length;
    const { itemsPerSecond: perSecond, burstItems } = limits;
    const burst = burstItems > 0 ? burstItems : perSecond * defaultBurstSeconds;
    const labels = name === defaultTenant.name ? [] : ([[tenantLabel, name]] as const);
    const entry: Entry = {
      tenant: index === 0 ? defaultTenant : { index, name, labels },
      rate: perSecond > 0 ? { perSecond, burst } : undefined,
      bucket: { tokens: burst, atMs: clock.now() },
    };
    entries.push(entry);
    byName.set(name, entry);
    return entry;
  }

  // The default tenant has the first number, whether or not it may be used.
  add(defaultTenant.name, config.known.find(({ name }) => name === defaultTenant.name) ?? config);
  const isOpenToAll = !isClosed || config.known.some(({ name }) => name === defaultTenant.name);
  for (const known of config.known) if (known.name !== defaultTenant.name) add(known.name, withDefaults(known, config));

  function named(name: string): Entry {
    const known = byName.get(name);
    if (known !== undefined) return known;
    if (!wellFormed.test(name)) throw new KybernError('KYBERN_TENANT', `the name in ${config.header} is malformed`);
    if (isClosed) throw new KybernError('KYBERN_TENANT', `${name} is not among ingest.tenants.known`);
    if (entries.length > config.most) {
      throw new KybernError('KYBERN_TENANT', `${config.most} tenants are known, there is no room for another`);
    }
    return add(name, config);
  }

  return {
    of(headers) {
      const value = headers[config.header];
      if (value === undefined || value === '') {
        if (!isOpenToAll) throw new KybernError('KYBERN_TENANT', `the header ${config.header} names no tenant`);
        return defaultTenant;
      }
      const name = Array.isArray(value) ? value.join(',') : value;
      if (name === defaultTenant.name && !isOpenToAll) throw new KybernError('KYBERN_TENANT', `${name} is not known`);
      return named(name).tenant;
    },
    check(tenant) {
      const { rate, bucket } = entries[tenant.index];
      if (rate === undefined) return;
      const seconds = waitSeconds(bucket, rate, clock.now());
      if (seconds === 0) return;
      limited.add(1, { tenant: tenant.name });
      throw new KybernError('KYBERN_RATE_LIMITED', `${tenant.name} sends more than ${rate.perSecond} items a second`, {
        retryAfterSeconds: seconds,
      });
    },
    spend(tenant, items) {
      const { rate, bucket } = entries[tenant.index];
      if (rate !== undefined) spend(bucket, rate, items, clock.now());
    },
  };
}

function withDefaults(own: TenantsConfig['known'][number], all: TenantsConfig) {
  return {
    itemsPerSecond: own.itemsPerSecond > 0 ? own.itemsPerSecond : all.itemsPerSecond,
    burstItems: own.burstItems > 0 ? own.burstItems : all.burstItems,
  };
}
