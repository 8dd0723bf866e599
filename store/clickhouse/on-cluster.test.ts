import { expect, test } from 'vitest';
import { migrations } from './migrations/all-migrations.ts';
import { onCluster } from './on-cluster.ts';

test('tables are made on all replicas, replicated; other statements are left alone', () => {
  expect(onCluster('CREATE DATABASE IF NOT EXISTS kybern', 'prod')).toBe(
    "CREATE DATABASE IF NOT EXISTS kybern ON CLUSTER 'prod'",
  );
  expect(onCluster('CREATE TABLE IF NOT EXISTS a.b (x Int8) ENGINE = ReplacingMergeTree(x) ORDER BY x', 'prod')).toBe(
    "CREATE TABLE IF NOT EXISTS a.b ON CLUSTER 'prod' (x Int8) ENGINE = ReplicatedReplacingMergeTree(x) ORDER BY x",
  );
  expect(onCluster('ALTER TABLE a.b REMOVE TTL', 'prod')).toBe("ALTER TABLE a.b ON CLUSTER 'prod' REMOVE TTL");
  const insert = 'INSERT INTO a.b (x) SELECT 1';
  expect(onCluster(insert, 'prod')).toBe(insert);
});

test('every statement of the migrations that makes or changes something does so everywhere', () => {
  const statements = migrations.flatMap((migration) => migration.statements('kybern'));
  for (const statement of statements.filter((text) => !/^\s*INSERT/.test(text))) {
    expect(onCluster(statement, 'prod')).toContain("ON CLUSTER 'prod'");
    expect(onCluster(statement, 'prod')).not.toMatch(/ENGINE = Replacing/);
  }
});
