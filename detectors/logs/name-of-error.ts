const endings = ['Error', 'Exception'];

/** Whether a word is what languages call their errors: `TypeError`, `java.net.ConnectException`. */
export function isNameOfError(bytes: Uint8Array, from: number, to: number): boolean {
  return endings.some((ending) => endsWith(bytes, from, to, ending));
}

function endsWith(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from < text.length) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (bytes[to - text.length + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}
