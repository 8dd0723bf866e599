import { posix, relative } from 'node:path';
import type { Plugin } from 'rolldown';

const marked = /__module_url\("([^"]+)"\)/g;

/** Lets `import.meta.url` say where a module would lie by itself, whichever file it is put into: its neighbours are found by that. */
export function placeOfModule(root: string): Plugin {
  return {
    name: 'place-of-module',
    transform(code, id) {
      if (!id.startsWith(root) || !code.includes('import.meta.url')) return null;
      const place = relative(root, id).replace(/\.ts$/, '.js');
      return code.replaceAll('import.meta.url', `__module_url("${place}")`);
    },
    renderChunk(code, { fileName }) {
      return code.replace(marked, (_, place: string) => {
        const path = posix.relative(posix.dirname(fileName), place);
        return `new URL("${path.startsWith('.') ? path : `./${path}`}", import.meta.url).href`;
      });
    },
  };
}
