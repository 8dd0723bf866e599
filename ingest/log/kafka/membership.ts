import kafkajs from 'kafkajs';
import { type Clock, KybernError } from '../../../model/index.ts';
import { assignPartitions } from './assign-partitions.ts';
import { errorType, type KafkaBroker, type KafkaCluster } from './kafka-wire.ts';
import { fenced } from './partition-state.ts';

/** What a member was given. */
export interface Assignment {
  readonly generation: number;
  readonly partitions: readonly number[];
  /** The name of each partition's owner, ours too. */
  readonly owners: Readonly<Record<number, string>>;
}

export interface Membership {
  /** Joins, holds and renews the membership until the signal aborts, then leaves. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves where the coordinator knows this generation of ours right now. Rejects with KYBERN_FENCED, or as away. */
  confirm(generation: number): Promise<void>;
  /** Whether the coordinator must still take us for a member of this generation. */
  isFresh(generation: number): boolean;
  readonly assignment: Assignment | undefined;
}

export interface MembershipDeps {
  readonly cluster: KafkaCluster;
  readonly groupId: string;
  readonly topic: string;
  readonly partitions: number;
  /** What the others know this process by. */
  readonly name: string;
  readonly sessionMs: number;
  readonly clock: Clock;
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void };
  /** Partitions are about to be shared out anew: what belongs to ours is to be made durable now. */
  readonly onRevoke: () => Promise<void>;
  /**
   * These are ours now, until the signal aborts; those among them that were ours before went to nobody else meanwhile.
   */
  readonly onAssigned: (assignment: Assignment, until: AbortSignal) => Promise<void>;
  /** Others may have our partitions already: all is to be dropped and nothing written. */
  readonly onLost: () => Promise<void>;
}

const { MemberMetadata, MemberAssignment } = kafkajs.AssignerProtocol;
const protocolName = 'kybern-sticky';
const rebalanceMs = 30_000;
const lostTypes = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);

/**
 * Kafka's group membership (Kafka protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup) with a hand-over: kafkajs'
 * consumer rejoins the moment it hears of a rebalance, so that nothing could be saved for the next owner. The leader of
 * the group shares the partitions out, as in every group of consumers.
 */
export function createMembership(deps: MembershipDeps): Membership {
  const { cluster, groupId, topic, partitions, name, sessionMs, clock, log } = deps;
  let memberId = '';
  let hasJoined = false;
  let generation = -1;
  let coordinator: KafkaBroker | undefined;
  let lastOkMs = Number.NEGATIVE_INFINITY;
  let assignment: Assignment | undefined;

  /**
   * A process of this name that was killed is a member until its session ends, and the group waits for it. Whoever has
   * its name is its successor: says goodbye for it. A namesake that lives hears of it and joins again.
   */
  async function leaveForFormer(through: KafkaBroker): Promise<void> {
    const { groups } = await through.describeGroups({ groupIds: [groupId] });
    for (const { memberId: former, memberMetadata } of groups.flatMap(({ members }) => members)) {
      if (tellingOf(userDataOf(memberMetadata)).name !== name) continue;
      log.info({ groupId, former }, 'a former process of this name leaves the group');
      await through.leaveGroup({ groupId, memberId: former });
    }
  }

  async function join(): Promise<Assignment> {
    await cluster.connect();
    coordinator = await cluster.findGroupCoordinator({ groupId });
    if (!hasJoined) await leaveForFormer(coordinator);
    hasJoined = true;
    const userData = Buffer.from(JSON.stringify({ name, owned: assignment?.partitions ?? [] }));
    const metadata = MemberMetadata.encode({ version: 1, topics: [topic], userData });
    const joined = await coordinator.joinGroup({
      groupId,
      memberId,
      sessionTimeout: sessionMs,
      rebalanceTimeout: rebalanceMs,
      groupProtocols: [{ name: protocolName, metadata }],
    });
    memberId = joined.memberId;
    generation = joined.generationId;
    const sentMs = clock.now();
    const groupAssignment = joined.leaderId === memberId ? shareOut(joined.members) : [];
    const synced = await coordinator.syncGroup({ groupId, generationId: generation, memberId, groupAssignment });
    lastOkMs = sentMs;
    const decoded = MemberAssignment.decode(synced.memberAssignment);
    return { generation, partitions: decoded?.assignment[topic] ?? [], owners: ownersOf(decoded?.userData) };
  }

  function shareOut(members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[]) {
    const known = members.map((member) => {
      const told = tellingOf(userDataOf(member.memberMetadata));
      return { id: member.memberId, ...told };
    });
    const shares = assignPartitions(known, partitions);
    const owners: Record<number, string> = {};
    for (const { id, name: owner } of known) for (const partition of shares.get(id) ?? []) owners[partition] = owner;
    const userData = Buffer.from(JSON.stringify(owners));
    return known.map(({ id }) => ({
      memberId: id,
      memberAssignment: MemberAssignment.encode({
        version: 1,
        assignment: { [topic]: shares.get(id) ?? [] },
        userData,
      }),
    }));
  }

  async function heartbeat(): Promise<void> {
    const sentMs = clock.now();
    coordinator ??= await cluster.findGroupCoordinator({ groupId });
    await coordinator.heartbeat({ groupId, groupGenerationId: generation, memberId });
    lastOkMs = sentMs;
  }

  /** Until the group is to be shared out anew ('rejoin'), was without us ('lost'), may be ('unheard'), or the end. */
  async function hold(signal: AbortSignal): Promise<'rejoin' | 'lost' | 'unheard' | 'end'> {
    for (;;) {
      const coordinatorIsAway = coordinator === undefined;
      if (!(await clock.sleep(coordinatorIsAway ? 250 : sessionMs / 6, signal))) return 'end';
      try {
        await heartbeat();
      } catch (error) {
        const type = errorType(error);
        if (type === 'REBALANCE_IN_PROGRESS') return 'rejoin';
        if (lostTypes.has(type)) return 'lost';
        if (clock.now() - lastOkMs > sessionMs) return 'unheard';
        coordinator = undefined;
        await cluster.connect().catch(() => {});
        await cluster.refreshMetadata().catch(() => {});
      }
    }
  }

  /**
   * Lets go of everything. A coordinator that was away may know this member still: joining under another id it would be
   * waited for in vain, a whole session long.
   */
  async function lose(how: 'lost' | 'unheard'): Promise<void> {
    if (how === 'lost') memberId = '';
    generation = -1;
    assignment = undefined;
    await deps.onLost();
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        assignment = await join();
      } catch (error) {
        if (errorType(error) !== 'REBALANCE_IN_PROGRESS') {
          log.info({ groupId, error: String(error) }, 'the group of the log cannot be joined yet');
          if (lostTypes.has(errorType(error))) await lose('lost');
          else if (clock.now() - lastOkMs > sessionMs) await lose('unheard');
          await clock.sleep(500, signal);
          await cluster.connect().catch(() => {});
          await cluster.refreshMetadata().catch(() => {});
        }
        continue;
      }
      log.info({ groupId, generation, partitions: assignment.partitions }, 'partitions are assigned');
      const over = new AbortController();
      const held = hold(signal).finally(() => over.abort());
      await deps.onAssigned(assignment, over.signal);
      const verdict = await held;
      if (verdict === 'rejoin') await deps.onRevoke();
      else if (verdict !== 'end') {
        log.warn(
          { groupId, generation },
          verdict === 'lost' ? 'the group went on without this process' : 'the group was not heard of for a session',
        );
        await lose(verdict);
      }
    }
    await leave();
  }

  async function leave(): Promise<void> {
    await deps.onRevoke();
    await deps.onLost();
    if (memberId !== '') await coordinator?.leaveGroup({ groupId, memberId }).catch(() => {});
    await cluster.disconnect().catch(() => {});
  }

  return {
    run,
    async confirm(of) {
      if (of !== generation || assignment === undefined) throw fenced(`${groupId} in generation ${of}`);
      try {
        await heartbeat();
      } catch (error) {
        const type = errorType(error);
        // The group waits for us: until we have joined again, or were left out, nobody else has our partitions.
        if (type === 'REBALANCE_IN_PROGRESS') return;
        if (lostTypes.has(type)) throw fenced(`${groupId} in generation ${of}`);
        throw new KybernError('KYBERN_LOG_UNAVAILABLE', `${groupId}: ${String(error)}`, { cause: error });
      }
      if (of !== generation) throw fenced(`${groupId} in generation ${of}`);
    },
    isFresh: (of) => of === generation && clock.now() - lastOkMs < sessionMs,
    get assignment() {
      return assignment;
    },
  };
}

function userDataOf(metadata: Buffer): Buffer | undefined {
  return metadata.length === 0 ? undefined : MemberMetadata.decode(metadata)?.userData;
}

function tellingOf(userData: Buffer | undefined): { readonly name: string; readonly owned: readonly number[] } {
  try {
    const { name, owned } = JSON.parse(String(userData)) as { name: unknown; owned: unknown };
    return { name: String(name), owned: Array.isArray(owned) ? owned.filter(Number.isInteger) : [] };
  } catch {
    return { name: 'unknown', owned: [] };
  }
}

function ownersOf(userData: Buffer | undefined): Readonly<Record<number, string>> {
  try {
    return JSON.parse(String(userData)) as Record<number, string>;
  } catch {
    return {};
  }
}
