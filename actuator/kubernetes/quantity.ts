const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const pattern = /^([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/;

/**
 * A Kubernetes quantity as a number: `250m` -> 0.25, `128Mi` -> 134217728. Undefined where it is not one.
 * Grammar: k8s.io/apimachinery/pkg/api/resource/quantity.go.
 */
export function parseQuantity(text: string | number | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = pattern.exec(String(text));
  if (match === null) return undefined;
  return Number(match[1]) * suffixes[match[2] ?? ''];
}

/** CPU cores in whole millicores, rounded up so that a rounding never takes away. */
export function formatCpu(cores: number): string {
  return `${Math.ceil(Math.round(cores * 1e6) / 1e3)}m`;
}

/** Bytes as mebibytes where they are whole, else as bytes, rounded up. */
export function formatMemory(bytes: number): string {
  const whole = Math.ceil(bytes);
  return whole % 2 ** 20 === 0 ? `${whole / 2 ** 20}Mi` : String(whole);
}
