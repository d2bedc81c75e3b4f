import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf } from '../../../compiler/ir/literal.ts';
import type { Graph } from '../../../compiler/ir/types.ts';
import type { Dump } from '../../../compiler/passes/run-passes.ts';
import { fail } from '../../base/diagnostics.ts';
import { writeNpy } from '../../files/npy.ts';
import { writeReasonOf, writeWhole } from '../../files/write.ts';

/** Constants of at most this many elements stand in the text itself. */
const inline = 16;

/** Writes the text of each pass's graph into a folder, and beside it the constants that the text names by their hash. */
export function writeDumps(folder: string, dumps: readonly Dump[], graphs: readonly Graph[]): void {
  try {
    mkdirSync(join(folder, 'weights'), { recursive: true });
  } catch (e) {
    fail('NL6002', {
      message: `the folder "${folder}" cannot be made`,
      at: { file: folder },
      cause: writeReasonOf(e),
      fix: 'choose another --dump-dir',
    });
  }
  for (const { name, text } of dumps) writeWhole(join(folder, name), text);
  const written = new Set<string>();
  for (const graph of graphs) {
    for (const value of graph.consts.values()) {
      if (value.data.length <= inline || value.format.kind === 'text') continue;
      const hash = hashOf(value);
      if (written.has(hash)) continue;
      written.add(hash);
      writeWhole(join(folder, 'weights', `${hash.replace(/^sha256:/, '')}.npy`), writeNpy(value));
    }
  }
}
