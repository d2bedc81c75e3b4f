import type { Access, Combine, Index, Loop, Nest, Operand, Scalar, ScalarOp, Step, Term, Work } from './types.ts';

/**
 * Short forms for writing works. An index is a loop name, a number, or a sum of both kinds:
 * `at('x', 'n', 'c', ['p', 2, 'r', 1, -1])` reads x[n, c, 2p + r - 1].
 */
export type IndexForm = string | number | readonly (string | number)[] | Index;

const isIndex = (form: IndexForm): form is Index => typeof form === 'object' && !Array.isArray(form);

/** `['p', 2, 'r', 1, -1]` is 2p + r - 1: each name is followed by its factor, a number on its own is added. */
export function index(form: IndexForm): Index {
  if (isIndex(form)) return form;
  if (typeof form === 'string') return { offset: 0, terms: [{ loop: form, by: 1 }] };
  if (typeof form === 'number') return { offset: form, terms: [] };
  let offset = 0;
  const terms: Term[] = [];
  for (let i = 0; i < form.length; i++) {
    const part = form[i]!;
    if (typeof part === 'number') offset += part;
    else terms.push({ loop: part, by: form[++i] as number });
  }
  return { offset, terms };
}

export const at = (operand: string, ...forms: readonly IndexForm[]): Access => ({ operand, at: forms.map(index) });

/** An access that reads `value` where its position lies outside the operand. */
export const padded = (access: Access, value: number): Access => ({ ...access, outside: value });

/** An index that looks its position up by the value of a loop. */
export const lookup = (loop: string, table: ArrayLike<number>): Index => ({ offset: 0, terms: [{ loop, table }] });

export const read = (n: number): Scalar => ({ read: n });
export const value = (x: number): Scalar => ({ value: x });
export const loopValue = (loop: string): Scalar => ({ loop });

const scalar = (x: Scalar | number): Scalar => (typeof x === 'number' ? value(x) : x);

export const call = (op: ScalarOp, ...of: readonly (Scalar | number)[]): Scalar => ({ op, of: of.map(scalar) });

/** Sizes in the order of the names: `loops({ m: 4, k: 8 })`. */
export const loops = (sizes: Readonly<Record<string, number>>): Loop[] =>
  Object.entries(sizes).map(([name, size]) => ({ name, size }));

export interface NestForm {
  readonly loops: readonly Loop[];
  readonly reads?: readonly Access[];
  readonly write: Access;
  readonly compute: Scalar;
  readonly combine?: Combine;
  readonly start?: 'fresh' | 'kept';
  readonly sequential?: readonly string[];
}

export const nest = (form: NestForm): Nest => ({
  kind: 'nest',
  loops: form.loops,
  reads: form.reads ?? [],
  write: form.write,
  combine: form.combine ?? 'set',
  start: form.start ?? 'fresh',
  compute: form.compute,
  ...(form.sequential ? { sequential: form.sequential } : {}),
});

/** Sum over the loops that the write does not mention of the product of two reads. */
export const macs = (form: Omit<NestForm, 'compute' | 'combine'>): Nest =>
  nest({ ...form, combine: 'add', compute: call('mul', read(0), read(1)) });

export const repeat = (name: string, size: number, body: readonly Step[]): Step => ({
  kind: 'repeat',
  loop: { name, size },
  body,
});

export const work = (operands: Readonly<Record<string, Operand>>, ...steps: readonly Step[]): Work => ({
  operands,
  steps,
});

/** Nothing to do: the result is a view of the operand. */
export const noWork: Work = { operands: {}, steps: [] };

/** Loop names `prefix0`, `prefix1` ... over the axes of a shape. */
export const axisLoops = (prefix: string, shape: readonly number[]): Loop[] =>
  shape.map((size, axis) => ({ name: `${prefix}${axis}`, size }));
