/** How much the kernels hold at a time, in elements; what is larger is done part by part. */
export interface Limits {
  /** Input and output together. */
  readonly chunk: number;
  /** Weights (the left factor), held as doubles. */
  readonly weights: number;
}

/** At most 170 MB with all tables: layers of ordinary size in one part, far below what an engine gives to one instance. */
export const standardLimits: Limits = { chunk: 12e6, weights: 8e6 };
