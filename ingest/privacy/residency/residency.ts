import { KybernError } from '../../../model/index.ts';
import type { ResidencyConfig, ResidencyPin } from './residency-config.ts';

/** Says of a namespace and a tenant which pin keeps them out of this region: undefined, where none does. */
export type Residency = (namespace: string, tenant: string) => ResidencyPin | undefined;

/** Throws KYBERN_CONFIG where there are pins without a region of this installation, or a pin that pins nothing. */
export function createResidency(config: ResidencyConfig): Residency {
  const { region, pins } = config;
  if (pins.length > 0 && region === '')
    throw new KybernError('KYBERN_CONFIG', 'ingest.residency.region: pins are set, but the region of this is not');
  const empty = pins.find(({ namespace, tenant }) => namespace === '' && tenant === '');
  if (empty !== undefined)
    throw new KybernError('KYBERN_CONFIG', `ingest.residency.pins: one to ${empty.region} names nobody`);

  return (namespace, tenant) => {
    const pin = pins.find((one) => fits(one.namespace, namespace) && fits(one.tenant, tenant));
    return pin === undefined || pin.region === region ? undefined : pin;
  };
}

function fits(pinned: string, actual: string): boolean {
  return pinned === '' || pinned === actual;
}
