import type { RuleName } from './privacy-config.ts';
import { cardFinder } from './scan/find-card.ts';
import { emailFinder, ipFinder } from './scan/find-contact.ts';
import { credentialFinder } from './scan/find-credential.ts';
import { ibanFinder, nationalIdFinder, usSsnFinder } from './scan/find-identity.ts';
import { jwtFinder, privateKeyFinder, tokenFinder } from './scan/find-token.ts';
import type { Finder } from './scan/finder.ts';

/** What the built-in rules look for; where two find something at the same byte, the one that is named first has it. */
export const builtInRules: Readonly<Record<RuleName, Finder>> = {
  'private-key': privateKeyFinder,
  credential: credentialFinder,
  jwt: jwtFinder,
  token: tokenFinder,
  card: cardFinder,
  email: emailFinder,
  iban: ibanFinder,
  'us-ssn': usSsnFinder,
  'national-id': nationalIdFinder,
  ip: ipFinder,
};
