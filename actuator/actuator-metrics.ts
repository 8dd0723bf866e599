import { type Action, actionStates, type CounterMetric, type Metrics } from '../model/index.ts';

export interface ActuatorMetrics {
  readonly writeCalls: CounterMetric;
  readonly failures: CounterMetric;
  show(actions: Iterable<Action>, killSwitchOn: boolean): void;
}

export function createActuatorMetrics(metrics: Metrics): ActuatorMetrics {
  const byState = metrics.gauge('kybern_actions', 'Actions of the last day by state.', ['state']);
  const killSwitch = metrics.gauge('kybern_kill_switch_on', '1 while all writes to the cluster are stopped.');
  return {
    writeCalls: metrics.counter('kybern_cluster_writes_total', 'Calls that change the cluster, by verb and outcome.', [
      'verb',
      'outcome',
      'dry_run',
    ]),
    failures: metrics.counter('kybern_actuator_failures_total', 'Steps of the actuator that could not be done.', [
      'step',
    ]),
    show(actions, killSwitchOn) {
      const counts = new Map<string, number>(actionStates.map((state) => [state, 0]));
      for (const { state } of actions) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) byState.set(count, { state });
      killSwitch.set(killSwitchOn ? 1 : 0);
    },
  };
}
