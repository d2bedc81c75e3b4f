// Development aid until the command exists: tsx scripts/conf.ts [name filter] [--models] [--fast]
import { OpRegistry } from '../compiler/ops/registry.ts';
import { builtinOps } from '../compiler/ops/index.ts';
import { fastFloatKernels } from '../compiler/simulate/fast/index.ts';
import { runCase } from '../compiler/simulate/conformance.ts';
import { findCases, readCase } from '../src/files/backend-cases.ts';

const shared = process.env.NETLOOM_SHARED ?? '../shared';
const kernels = process.argv.includes('--fast') ? fastFloatKernels : undefined;
const models = process.argv.includes('--models');
const filter = process.argv.slice(2).find((a) => !a.startsWith('--')) ?? '';
const roots = models
  ? [`${shared}/models`]
  : ['node', 'simple', 'pytorch-converted', 'pytorch-operator'].map((d) => `${shared}/onnx-backend/${d}`);
const registry = new OpRegistry(builtinOps);
const tally = { passed: 0, failed: 0, unsupported: 0 };
for (const folder of roots.flatMap((r) => findCases(r)).filter((f) => f.includes(filter))) {
  const start = performance.now();
  const r = runCase(readCase(folder), registry, kernels);
  tally[r.status]++;
  const ms = performance.now() - start;
  if (r.status !== 'passed' || models || filter)
    console.log(
      `${r.status.padEnd(12)} ${r.name} (${r.ops.slice(0, 6).join(',')}) ${ms.toFixed(0)} ms ${r.reason?.slice(0, 400) ?? ''}`,
    );
}
console.log(tally);
