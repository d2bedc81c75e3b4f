import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Graph } from '../../../compiler/ir/types.ts';
import type { Dump } from '../../../compiler/passes/run-passes.ts';
import { fail } from '../../base/diagnostics.ts';
import { reasonOf } from '../../files/read.ts';
import { writeWhole } from '../../files/write.ts';

/** Writes the text of each pass's graph into a folder. */
export function writeDumps(folder: string, dumps: readonly Dump[], _graph: Graph): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (e) {
    fail('NL6002', {
      message: `the folder "${folder}" cannot be made`,
      at: { file: folder },
      cause: reasonOf(e),
      fix: 'choose another --dump-dir',
    });
  }
  for (const { name, text } of dumps) writeWhole(join(folder, name), text);
}
