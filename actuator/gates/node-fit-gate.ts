import type { Change, ClusterSnapshot, ContainerResources, PodState, ResourceAmounts } from '../../model/index.ts';
import { livePods } from '../changes/change-position.ts';
import { allow, deny, type Gate, type GateInput } from './gate.ts';

interface Room {
  cpuCores: number;
  memoryBytes: number;
}

/**
 * Whether there is room for what is added, by requests, as the scheduler counts. Where the nodes' capacity is not known
 * (no right to list them) the scheduler's word must do.
 */
export const nodeFitGate: Gate = (input) => {
  const { cluster } = input;
  const rooms = cluster === undefined ? [] : roomsOf(cluster);
  if (rooms.length === 0) return allow('node-fit', 'no capacity is known: the scheduler decides');
  for (const change of input.changes) {
    const problem = problemOf(change, input, new Map(rooms));
    if (problem !== undefined) return deny('node-fit', problem);
  }
  return allow('node-fit', 'fits');
};

function roomsOf(cluster: ClusterSnapshot): [string, Room][] {
  const rooms = new Map<string, Room>();
  for (const node of cluster.nodes) {
    const { cpuCores, memoryBytes } = node.allocatable;
    if (!node.ready || node.unschedulable || cpuCores === undefined || memoryBytes === undefined) continue;
    rooms.set(node.name, { cpuCores, memoryBytes });
  }
  for (const pod of livePods(cluster.pods)) {
    const room = pod.node === undefined ? undefined : rooms.get(pod.node);
    if (room === undefined) continue;
    const used = podRequests(pod.containers);
    room.cpuCores -= used.cpuCores;
    room.memoryBytes -= used.memoryBytes;
  }
  return [...rooms];
}

function problemOf(change: Change, input: GateInput, rooms: Map<string, Room>): string | undefined {
  if (change.type === 'restart' || input.workload === undefined) return undefined;
  const pod = podRequests(input.workload.containers);
  if (change.type === 'scale') return scaleProblem(change.to - change.from, pod, [...rooms.values()]);
  const more = {
    cpuCores: requestOf(change.to, 'cpuCores') - requestOf(change.from, 'cpuCores'),
    memoryBytes: requestOf(change.to, 'memoryBytes') - requestOf(change.from, 'memoryBytes'),
  };
  if (more.cpuCores <= 0 && more.memoryBytes <= 0) return undefined;
  return change.method === 'in-place'
    ? inPlaceProblem(more, livePods(input.pods), rooms)
    : templateProblem(pod, more, [...rooms.values()]);
}

function scaleProblem(added: number, pod: Room, rooms: readonly Room[]): string | undefined {
  if (added <= 0) return undefined;
  const places = rooms.reduce((sum, room) => sum + placesIn(room, pod), 0);
  return places >= added ? undefined : `room for ${places} more pods, ${added} wanted`;
}

function placesIn(room: Room, pod: Room): number {
  const byCpu = pod.cpuCores > 0 ? Math.floor(room.cpuCores / pod.cpuCores + 1e-9) : Number.POSITIVE_INFINITY;
  const byMemory = pod.memoryBytes > 0 ? Math.floor(room.memoryBytes / pod.memoryBytes) : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(byCpu, byMemory, 1000));
}

// Rolling makes one new pod before an old one goes: there must be room for it somewhere.
function templateProblem(pod: Room, more: Room, rooms: readonly Room[]): string | undefined {
  const wanted = { cpuCores: pod.cpuCores + more.cpuCores, memoryBytes: pod.memoryBytes + more.memoryBytes };
  return rooms.some((room) => placesIn(room, wanted) > 0) ? undefined : 'no node has room for one pod of the new size';
}

function inPlaceProblem(more: Room, pods: readonly PodState[], rooms: Map<string, Room>): string | undefined {
  for (const pod of pods) {
    const room = pod.node === undefined ? undefined : rooms.get(pod.node);
    if (room === undefined) continue;
    room.cpuCores -= more.cpuCores;
    room.memoryBytes -= more.memoryBytes;
    if (room.cpuCores < -1e-9 || room.memoryBytes < 0) return `node ${pod.node} has no room for ${pod.name} to grow`;
  }
  return undefined;
}

function requestOf(resources: ContainerResources, name: keyof ResourceAmounts): number {
  return resources.requests[name] ?? resources.limits[name] ?? 0;
}

function podRequests(containers: readonly { readonly resources: ContainerResources }[]): Room {
  const sum = { cpuCores: 0, memoryBytes: 0 };
  for (const { resources } of containers) {
    sum.cpuCores += requestOf(resources, 'cpuCores');
    sum.memoryBytes += requestOf(resources, 'memoryBytes');
  }
  return sum;
}
