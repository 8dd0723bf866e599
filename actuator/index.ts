export { type AuditHead, type AuditVerdict, auditHash, verifyAuditChain } from './audit/audit-chain.ts';
export { canonicalJson } from './audit/canonical-json.ts';
export { ActuatorConfig } from './config.ts';
export { type ActuatorDeps, createActuator } from './create-actuator.ts';
