/**
 * The name of the workload that a pod's name was made from, by the patterns of the Kubernetes controllers:
 * `cart-579f59597d-wc2lz` (Deployment) and `db-0` (StatefulSet) -> `cart`, `db`. Undefined where neither fits.
 */
export function ownerNameOfPod(pod: string): string | undefined {
  const deployment = /^(.+)-[a-f0-9]{6,10}-[a-z0-9]{5}$/.exec(pod);
  if (deployment !== null) return deployment[1];
  const replica = /^(.+)-[bcdfghjklmnpqrstvwxz2456789]{4,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/.exec(pod);
  if (replica !== null) return replica[1];
  return /^(.+)-\d+$/.exec(pod)?.[1];
}

/** The object name in a workload entity's name: `Deployment/cart` -> `cart`. */
export function workloadName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}
