import type { Command } from 'commander';
import type { Io } from './kit/io.ts';

/** A command as `netloom help` lists it; its code is loaded when it runs. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: (command: Command, io: Io, finish: (code: number) => void) => void }>;
}

export const commands: readonly CommandEntry[] = [
  {
    name: 'inspect',
    summary: 'layers, shapes, parameters, MACs, and what a machine supports',
    load: () => import('./inspect.ts'),
  },
  {
    name: 'estimate',
    summary: 'latency, interval, energy, what bounds them and what would help',
    load: () => import('./estimate.ts'),
  },
  { name: 'simulate', summary: 'run the model and compare its outputs', load: () => import('./simulate.ts') },
  {
    name: 'conformance',
    summary: "run ONNX's backend cases through the reference",
    load: () => import('./conformance.ts'),
  },
  { name: 'compare', summary: 'two or more runs side by side', load: () => import('./compare.ts') },
  { name: 'explain', summary: "an error code, a term, or one layer's arithmetic", load: () => import('./explain.ts') },
  { name: 'report', summary: 'render saved runs again', load: () => import('./report.ts') },
  { name: 'hw', summary: 'machine files: list, show, validate, new, diff, schema', load: () => import('./hw.ts') },
  { name: 'schema', summary: 'print a published JSON schema', load: () => import('./schema.ts') },
  { name: 'doctor', summary: 'versions, memory, presets, optional tools', load: () => import('./doctor.ts') },
  { name: 'completion', summary: 'print a completion script for a shell', load: () => import('./completion.ts') },
];
