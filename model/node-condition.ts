/** `Ready`, what Amazon's node monitoring agent sets (`StorageReady`, …), and that a server of k3s has a vote in etcd. */
const ofHealth = /(?<!Not)(Ready|Healthy)$|^EtcdIsVoter$/;

/** Whether a node of which the condition of this type is true is the better for it; of most, such as `DiskPressure`, it is the worse. */
export function isConditionOfHealth(type: string): boolean {
  return ofHealth.test(type);
}

/** A condition that holds for the worse, in words: `DiskPressure`, `StorageReady is not true`. */
export function describeBadCondition(type: string): string {
  return isConditionOfHealth(type) ? `${type} is not true` : type;
}
