import type { errorCatalog } from '../../model/index.ts';

/** The table of error codes as Markdown. */
export function documentErrors(catalog: typeof errorCatalog): string {
  const rows = Object.entries(catalog).map(
    ([code, { status, what, remedy }]) => `| \`${code}\` | ${status} | ${cell(what)} | ${cell(remedy)} |`,
  );
  return [
    '# Errors',
    '',
    'Every error a person can meet has a stable code. The REST API answers with `application/problem+json` that carries it;',
    'the receivers answer in their protocol and name the code in the message; the command line prints it and ends with 1.',
    '',
    '| code | status | what happened | what to do |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
