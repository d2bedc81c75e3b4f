/** How much the kernels hold at a time, in elements; what is larger is done part by part. */
export interface Limits {
  /** Input and output together. */
  readonly chunk: number;
  /** Weights (the left factor). */
  readonly weights: number;
}

/** 80 MB: layers of ordinary size in one part, and far below what an engine gives to one instance. */
export const standardLimits: Limits = { chunk: 12e6, weights: 8e6 };
