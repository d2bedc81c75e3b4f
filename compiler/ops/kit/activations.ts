import { call } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import { fail } from '../../../src/base/diagnostics.ts';

/** An activation function of a recurrent cell, for running and as an expression that machines count. */
export interface Activation {
  readonly run: (x: number) => number;
  readonly point: (x: Scalar) => Scalar;
}

interface ActivationForm {
  /** Defaults of the parameters that it takes: alpha, then beta. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly run: (x: number, alpha: number, beta: number) => number;
  readonly point: (x: Scalar, alpha: number, beta: number) => Scalar;
}

const positive = (x: Scalar): Scalar => call('ge', x, 0);

/** The activation functions of ONNX RNN, GRU and LSTM, with the defaults of the operators of the same names. */
const forms: Readonly<Record<string, ActivationForm>> = {
  relu: { run: (x) => (x < 0 ? 0 : x), point: (x) => call('max', x, 0) },
  tanh: { run: Math.tanh, point: (x) => call('tanh', x) },
  sigmoid: {
    run: (x) => 1 / (1 + Math.exp(-x)),
    point: (x) => call('div', 1, call('add', 1, call('exp', call('neg', x)))),
  },
  affine: { alpha: 1, beta: 0, run: (x, a, b) => a * x + b, point: (x, a, b) => call('add', call('mul', x, a), b) },
  leakyrelu: {
    alpha: 0.01,
    run: (x, a) => (x >= 0 ? x : a * x),
    point: (x, a) => call('select', positive(x), x, call('mul', x, a)),
  },
  thresholdedrelu: {
    alpha: 1,
    run: (x, a) => (x >= a ? x : 0),
    point: (x, a) => call('select', call('ge', x, a), x, 0),
  },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    run: (x, a, b) => a * Math.tanh(b * x),
    point: (x, a, b) => call('mul', call('tanh', call('mul', x, b)), a),
  },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    run: (x, a, b) => Math.min(1, Math.max(0, a * x + b)),
    point: (x, a, b) => call('min', call('max', call('add', call('mul', x, a), b), 0), 1),
  },
  elu: {
    alpha: 1,
    run: (x, a) => (x >= 0 ? x : a * (Math.exp(x) - 1)),
    point: (x, a) => call('select', positive(x), x, call('mul', call('sub', call('exp', x), 1), a)),
  },
  softsign: { run: (x) => x / (1 + Math.abs(x)), point: (x) => call('div', x, call('add', 1, call('abs', x))) },
  softplus: {
    run: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    point: (x) => call('add', call('max', x, 0), call('log', call('add', 1, call('exp', call('neg', call('abs', x)))))),
  },
};

export interface ActivationLists {
  readonly activations: readonly string[];
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** Sums of gates are kept in [-clip, clip] before a function; no limit when absent. */
  readonly clip?: number | undefined;
  /** Functions of one direction; the first `clipped` of them work on sums of gates. */
  readonly each: number;
  readonly clipped: number;
}

/**
 * The functions by name. Alphas and betas are used up in order by the functions that take one, as ONNX Runtime does.
 * @throws NetloomError NL1009 for a name that is none of them, or another count than `count`
 */
export function activationsOf(
  { activations, alphas, betas, clip, each, clipped }: ActivationLists,
  count: number,
): Activation[] {
  if (activations.length !== count) {
    fail('NL1009', {
      message: `attribute "activations" names ${activations.length} functions`,
      cause: `this cell uses ${count}, all directions together`,
      fix: 'correct the node in the model',
    });
  }
  let [usedAlphas, usedBetas] = [0, 0];
  return activations.map((name, i) => {
    const form = forms[name.toLowerCase()];
    if (!form) {
      return fail('NL1009', {
        message: `attribute "activations" names "${name}"`,
        cause: `it can name ${Object.keys(forms).join(', ')}`,
        fix: 'correct the node in the model',
      });
    }
    const alpha = form.alpha === undefined ? 0 : (alphas[usedAlphas++] ?? form.alpha);
    const beta = form.beta === undefined ? 0 : (betas[usedBetas++] ?? form.beta);
    return limited(
      { run: (x) => form.run(x, alpha, beta), point: (x) => form.point(x, alpha, beta) },
      i % each < clipped ? clip : undefined,
    );
  });
}

function limited({ run, point }: Activation, clip: number | undefined): Activation {
  if (clip === undefined) return { run, point };
  return {
    run: (x) => run(Math.min(clip, Math.max(-clip, x))),
    point: (x) => point(call('min', call('max', x, -clip), clip)),
  };
}
