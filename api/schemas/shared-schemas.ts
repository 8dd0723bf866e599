import { type TSchema, Type } from 'typebox';
import {
  Action,
  Anomaly,
  AuditRecord,
  EntityRef,
  Feedback,
  Incident,
  MaintenanceWindow,
  ModelCard,
  type Page,
  ProcessModels,
  Proposal,
  ServingChange,
  Slo,
  Topology,
  TopologyNode,
  TrainingStatus,
} from '../../model/index.ts';
import { Problem } from '../errors/problem.ts';

/** The documents of the API by name: `#/components/schemas` of the OpenAPI document. */
export const sharedSchemas: Readonly<Record<string, TSchema>> = {
  Action,
  Anomaly,
  AuditRecord,
  EntityRef,
  Feedback,
  Incident,
  MaintenanceWindow,
  ModelCard,
  Problem,
  Proposal,
  ProcessModels,
  ServingChange,
  Slo,
  Topology,
  TopologyNode,
  TrainingStatus,
};

/** A reference to one of {@link sharedSchemas}, typed as what it describes. */
function refTo<T>(name: string) {
  return Type.Unsafe<T>(Type.Ref(`${name}#`));
}

export const ActionRef = refTo<Action>('Action');
export const AnomalyRef = refTo<Anomaly>('Anomaly');
export const AuditRecordRef = refTo<AuditRecord>('AuditRecord');
export const EntityRefRef = refTo<EntityRef>('EntityRef');
export const FeedbackRef = refTo<Feedback>('Feedback');
export const IncidentRef = refTo<Incident>('Incident');
export const MaintenanceWindowRef = refTo<MaintenanceWindow>('MaintenanceWindow');
export const ModelCardRef = refTo<ModelCard>('ModelCard');
export const ProblemRef = refTo<Problem>('Problem');
export const ProposalRef = refTo<Proposal>('Proposal');
export const ProcessModelsRef = refTo<ProcessModels>('ProcessModels');
export const ServingChangeRef = refTo<ServingChange>('ServingChange');
export const SloRef = refTo<Slo>('Slo');
export const TopologyRef = refTo<Topology>('Topology');
export const TopologyNodeRef = refTo<TopologyNode>('TopologyNode');
export const TrainingStatusRef = refTo<TrainingStatus>('TrainingStatus');

/** A page of a list. */
export function pageOf<T>(item: TSchema & { readonly '~unsafe': T }, description: string) {
  return Type.Unsafe<Page<T>>(
    Type.Object(
      {
        items: Type.Array(item, { description: 'The items, in the order of the list.' }),
        next: Type.Optional(Type.String({ description: 'Ask with cursor= this for what follows; absent at the end.' })),
      },
      { description },
    ),
  );
}
