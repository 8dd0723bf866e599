/** A Kybern's own metrics as they are now, by name and labels as they stand in the text; undefined where there is none. */
export async function scrapeValues(url: string): Promise<(sample: string) => number | undefined> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const at = line.lastIndexOf(' ');
    if (at > 0 && !line.startsWith('#')) values.set(line.slice(0, at), Number(line.slice(at + 1)));
  }
  return (sample) => values.get(sample);
}
