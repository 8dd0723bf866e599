import type { Labels } from '../../model/index.ts';

/** Whose telemetry a request carries. */
export interface Tenant {
  /** Dense number within this process: what keeps the caches of known bytes of two tenants apart. */
  readonly index: number;
  readonly name: string;
  /** What every series of this tenant carries beside its own labels: nothing for the default tenant. */
  readonly labels: Labels;
}

/** Who is meant where no tenant is named. */
export const defaultTenant: Tenant = { index: 0, name: 'default', labels: [] };

/** The label that says whose a series is; absent: the default tenant's. */
export const tenantLabel = 'tenant';
