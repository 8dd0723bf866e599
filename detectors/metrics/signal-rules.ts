import { type Static, Type } from 'typebox';
import { createMatcher, oneOf, Selector, type SeriesDefinition } from '../../model/index.ts';
import { profileIfScored, type SignalProfile, signalProfileOf } from './signal-profile.ts';

const optional = Type.Optional;
const share = (description: string) => optional(Type.Number({ minimum: 0, maximum: 1000, description }));

/** What an operator knows better about some series than their names and units tell. */
export const SignalRule = Type.Object(
  {
    match: Type.Object(Selector.properties, {
      additionalProperties: false,
      // A rule whose match was forgotten would be about everything.
      minProperties: 1,
      description: "Which series: each member given must hold; for all of them, metrics: ['*'].",
    }),
    score: optional(
      Type.Boolean({ description: 'Whether they are scored at all; true scores even what looks like a setting.' }),
    ),
    direction: optional(
      oneOf(
        ['up', 'down', 'both'],
        'Which way is bad. With it, as with score: true, a gauge that has always stood still is told when it changes.',
      ),
    ),
    minimumAbsolute: optional(
      Type.Number({
        minimum: 0,
        description: 'Deviations smaller than this are never anomalies, in the unit scored (counters: per second).',
      }),
    ),
    minimumRelative: share('Deviations smaller than this share of the expected value are never anomalies.'),
    noiseFloor: share('Share of the expected value below which no scale of what is usual falls.'),
    forSeconds: optional(
      Type.Number({
        minimum: 0,
        maximum: 86_400,
        description: 'How long they must deviate before anybody is told; 0: as soon as persistentSamples do.',
      }),
    ),
    missing: optional(
      oneOf(
        ['usual', 'alarm', 'ignore'],
        "When they fall silent: 'usual' tells what vanished after a day of life, except pods, containers, jobs and instances beside others; 'alarm' tells whatever its age and kind, even of what looks like a setting or a time, whose values stay unscored; 'ignore' never tells.",
      ),
    ),
    silenceSeconds: optional(
      Type.Number({
        exclusiveMinimum: 0,
        description: 'Silence from which they are missing, and ten of their intervals; with alarm three.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'How these series are judged; of several rules that match the first counts.',
  },
);
export type SignalRule = Static<typeof SignalRule>;

/** The profile of a series, or undefined where it is not scored at all. */
export type SignalProfiles = (definition: SeriesDefinition) => SignalProfile | undefined;

/** Profiles by name and unit, with the operator's rules laid over them. */
export function createSignalProfiles(config: {
  readonly signals: readonly SignalRule[];
  readonly minimumRelativeDeviation: number;
  readonly burstSeconds: number;
  readonly acceptShiftSeconds: number;
  readonly silenceSeconds: number;
}): SignalProfiles {
  const rules = config.signals.map((rule) => ({ rule, matches: createMatcher(rule.match) }));
  const defaults = {
    minimumRelative: config.minimumRelativeDeviation,
    // Longer, and it would be the new normal before it is told.
    burstMs: Math.min(config.burstSeconds, config.acceptShiftSeconds) * 1000,
    silenceMs: config.silenceSeconds * 1000,
  };
  const known = new Map<string, SignalProfile>();

  /** There are a few dozen different ones, and a hundred thousand series. */
  function shared(profile: SignalProfile): SignalProfile {
    const key = JSON.stringify(profile);
    const same = known.get(key) ?? profile;
    known.set(key, same);
    return same;
  }

  function profileOf(definition: SeriesDefinition): SignalProfile | undefined {
    const subject = { entity: definition.entity, metric: definition.name, labels: definition.labels };
    const rule = rules.find(({ matches }) => matches(subject))?.rule;
    if (rule === undefined) return signalProfileOf(definition, defaults);
    if (rule.score === false) return undefined;
    const usual = rule.score ? profileIfScored(definition, defaults) : signalProfileOf(definition, defaults);
    if (usual !== undefined) return laidOver(usual, rule);
    const silent = isWatched(definition, rule) ? profileIfScored(definition, defaults) : undefined;
    return silent && { ...laidOver(silent, rule), isScored: false };
  }

  return (definition) => {
    const profile = profileOf(definition);
    return profile && shared(profile);
  };
}

/** The time of the last backup is no measure, but that nobody tells it any more is news to who asked for an alarm. */
function isWatched({ origin }: SeriesDefinition, { missing, score }: SignalRule): boolean {
  return missing === 'alarm' && score === undefined && origin === 'received';
}

const directions = { up: 1, down: -1, both: 0 } as const;

function laidOver(usual: SignalProfile, rule: SignalRule): SignalProfile {
  const { direction, minimumRelative, forSeconds, silenceSeconds } = rule;
  // Nobody says which way is bad of a setting.
  const isSetting = usual.signal === 'other' && rule.score !== true && direction === undefined;
  const minimumAbsolute = rule.minimumAbsolute ?? usual.minimumAbsolute;
  return {
    ...usual,
    direction: direction === undefined ? usual.direction : directions[direction],
    minimumAbsolute,
    minimumStill: isSetting ? Math.max(usual.minimumStill, minimumAbsolute) : minimumAbsolute,
    relativeUp: minimumRelative ?? usual.relativeUp,
    relativeDown: minimumRelative ?? usual.relativeDown,
    noiseFloor: rule.noiseFloor ?? usual.noiseFloor,
    ...(forSeconds === undefined ? {} : { lastsMs: forSeconds * 1000, lastsSamples: Number.POSITIVE_INFINITY }),
    missing: rule.missing ?? usual.missing,
    silenceMs: silenceSeconds === undefined ? usual.silenceMs : silenceSeconds * 1000,
  };
}
