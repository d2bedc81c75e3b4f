import type { Diagnostic, Problems } from '../../src/base/diagnostics.ts';
import type { OpRegistry } from '../ops/registry.ts';
import type { LocalFunctions } from './functions.ts';
import type { ReadExternal } from './tensors.ts';

/** What the whole of one import shares. */
export interface ImportContext {
  readonly registry: OpRegistry;
  readonly file: string;
  readonly problems: Problems;
  readonly readExternal: ReadExternal;
  readonly functions: LocalFunctions;
  /** Nodes made so far, functions expanded. */
  readonly count: { nodes: number };
  /** See NodeReader. */
  readonly isDeeploy: boolean;
  /** Shapes of bodies that only a run knows. */
  readonly unknowns: Diagnostic[];
}

/** Versions by domain; '' is the standard one. */
export type Opsets = ReadonlyMap<string, number>;
