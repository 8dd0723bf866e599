import type { Migration } from '../migration.ts';

/** For those who ask the database itself: the diagnosis of each incident, which is part of the incident's document. */
export const diagnoses: Migration = {
  version: 4,
  name: 'diagnoses',
  statements: (database) => [
    `CREATE VIEW IF NOT EXISTS ${database}.diagnoses AS
     SELECT id AS incident, revision, at,
       JSONExtractBool(document, 'diagnosis', 'abstained') AS abstained,
       JSONExtractString(document, 'diagnosis', 'causes', 1, 'code') AS first_cause,
       JSONExtractFloat(document, 'diagnosis', 'causes', 1, 'probability') AS probability,
       JSONExtractRaw(document, 'diagnosis') AS diagnosis
     FROM ${database}.incidents FINAL`,
  ],
};
