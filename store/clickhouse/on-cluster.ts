/**
 * A statement that makes or changes a database or table, for all replicas of a cluster, its tables replicated
 * (ClickHouse docs, "Distributed DDL" and "ReplicatedMergeTree"; path and name of the replica by the server's macros).
 */
export function onCluster(statement: string, cluster: string): string {
  return statement
    .replace(
      /^(\s*(?:CREATE DATABASE IF NOT EXISTS|CREATE (?:TABLE|VIEW) IF NOT EXISTS|ALTER TABLE)\s+[\w.]+)/,
      `$1 ON CLUSTER '${cluster}'`,
    )
    .replace(/ENGINE = ReplacingMergeTree/, 'ENGINE = ReplicatedReplacingMergeTree');
}
