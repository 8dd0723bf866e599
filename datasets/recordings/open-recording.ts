import { KybernError } from '../../model/index.ts';
import type { Recording } from '../telemetry-frame.ts';
import { isNab, openNab } from './nab.ts';
import { isNezha, openNezha } from './nezha.ts';
import { isPetshop, openPetshop } from './petshop.ts';

interface Layout {
  readonly is: (path: string) => Promise<boolean>;
  readonly open: (path: string) => Promise<Recording>;
}

/** The layouts that are known, the most particular first: NAB takes any folder of `timestamp,value` files. */
const layouts: readonly Layout[] = [
  { is: isPetshop, open: openPetshop },
  { is: isNezha, open: openNezha },
  { is: isNab, open: openNab },
];

/** Recorded data of whatever known layout lies at this path. Rejects with KYBERN_DATASET. */
export async function openRecording(path: string): Promise<Recording> {
  for (const { is, open } of layouts) if (await is(path)) return open(path);
  const known = 'NAB, PetShop or Nezha';
  throw new KybernError('KYBERN_DATASET', `${path} holds no recorded data of a known layout (${known})`);
}
