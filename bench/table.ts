import pc from 'picocolors';
import type { BenchRecord } from './bench.ts';

/** A record as a table for people; `table` stands for its figures where given. */
export function renderRecord(record: BenchRecord, table?: string): string {
  const bars = record.bars.map(({ name, want, got, ok }) => [
    ok ? pc.green('✓') : pc.red('✗'),
    name,
    formatNumber(got),
    `want ${want}`,
  ]);
  return [
    `${pc.bold([record.bench, record.part].join(' ').trim())}  commit ${record.commit}, ${record.date}, ${record.seconds} s`,
    pc.dim(record.machine),
    '',
    ...(table === undefined ? renderFigures(record) : [table]),
    '',
    pc.bold('bars'),
    ...alignRows(bars),
  ].join('\n');
}

function renderFigures({ figures, baselines }: BenchRecord): readonly string[] {
  return [pc.bold('measured'), ...renderNumbers(figures), '', pc.bold('beside it'), ...renderNumbers(baselines)];
}

function renderNumbers(numbers: Readonly<Record<string, number>>): readonly string[] {
  return alignRows(Object.entries(numbers).map(([name, value]) => [name, formatNumber(value)]));
}

/** Columns padded to their widest cell; numbers to the right. */
export function alignRows(rows: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, text.length);
  }
  return rows.map(
    (row) =>
      `  ${row
        .map((text, column) =>
          /^[\d.,-]+$/.test(text) ? text.padStart(widths[column]!) : text.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd()}`,
  );
}

/** Whole numbers with thousands apart, small ones with three digits. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Number(value.toPrecision(3)).toString();
}
