/**
 * The core of netloom: everything but files. It never prints and never exits; problems are thrown as NetloomError with
 * typed diagnostics, once per stage.
 */
export { createNetloom, presetNames, presetText, withHost } from './netloom.ts';
export type {
  EstimateSettings,
  HardwareOptions,
  LoadOptions,
  Lowered,
  LowerOptions,
  Model,
  Netloom,
  NetloomParts,
} from './netloom.ts';
export { isNetloomError, NetloomError, type Diagnostic, type Location } from './base/diagnostics.ts';
export type { Quantity, Basis } from './base/quantity.ts';
export { builtinOps } from '../compiler/ops/index.ts';
export { defineOp, type OpDef } from '../compiler/ops/define.ts';
export { builtinPasses } from '../compiler/passes/pipeline.ts';
export { rulePass, type Pass } from '../compiler/ir/rewrite.ts';
export { builtinFamilies } from '../hw-models/families/index.ts';
export type { Family, Network, NetworkCost, Task, TaskCost } from '../hw-models/contract.ts';
export { machineSchemas, type Machine } from '../hw-models/schema/machine.ts';
export { readMachine, type LoadedMachine } from '../hw-models/schema/read.ts';
export { EstimateDocument, RunSchema, type Run, type RunLayer } from '../compiler/run/schema.ts';
export type { Hardware } from '../compiler/run/estimate.ts';
export { explainLayer, type Explanation } from './explain/layer.ts';
export { compareRuns, type Comparison } from './compare.ts';
export { renderReport } from '../reports/html/render.ts';
export type { Graph, Op, TensorType } from '../compiler/ir/types.ts';
export type { Tensor } from '../compiler/tensor/tensor.ts';
