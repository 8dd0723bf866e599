import { type Static, Type } from 'typebox';

const ruleNames = ['credential', 'jwt', 'token', 'private-key', 'card', 'email', 'iban', 'us-ssn'] as const;
export type RuleName = (typeof ruleNames)[number];

export const PrivacyConfig = Type.Object(
  {
    rules: Type.Array(Type.Union(ruleNames.map((name) => Type.Literal(name))), {
      uniqueItems: true,
      default: ['credential', 'jwt', 'token', 'private-key', 'card'],
      description: 'Built-in rules in force: what they find in log bodies is replaced by `<rule>`.',
    }),
    patterns: Type.Array(
      Type.Object(
        {
          name: Type.String({ pattern: '^[a-z0-9-]{1,40}$', description: 'What stands in place of a match, in `<>`.' }),
          pattern: Type.String({ minLength: 1, maxLength: 500, description: 'Regular expression (RE2 syntax).' }),
        },
        { additionalProperties: false, description: 'A rule of your own.' },
      ),
      { default: [], maxItems: 50, description: 'Own rules, matched in linear time whatever they say.' },
    ),
  },
  { additionalProperties: false, default: {}, description: 'What is masked before anything is kept.' },
);
export type PrivacyConfig = Static<typeof PrivacyConfig>;
