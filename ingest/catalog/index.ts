export { createFingerprintIndex, type FingerprintIndex } from './fingerprint-index.ts';
export { fingerprintOf } from './fingerprint-of.ts';
