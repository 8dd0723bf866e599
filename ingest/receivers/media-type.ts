/** A parsed Content-Type: `type` in lower case, parameters by lower-case name. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const typePattern = new RegExp(`^(${token}/${token})((?: *; *${token}=(?:${token}|"[^"\\\\]*"))*) *;? *$`);
const parameterPattern = new RegExp(`(${token})=(?:(${token})|"([^"\\\\]*)")`, 'g');

/**
 * A Content-Type header read strictly: no leading space, no tab, nothing behind the parameters. What slips past a lenient
 * reading has let bodies past validation in other servers (CVE-2026-25223, CVE-2026-33806, CVE-2026-3419). Undefined
 * where it is not of that form.
 */
export function parseMediaType(header: string | undefined): MediaType | undefined {
  const match = typePattern.exec(header ?? '');
  if (match === null) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, plain, quoted] of match[2].matchAll(parameterPattern)) {
    if (parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), plain ?? quoted);
  }
  return { type: match[1].toLowerCase(), parameters };
}
