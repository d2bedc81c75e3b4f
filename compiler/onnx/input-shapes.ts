import { fail, type Location, type Problems } from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import type { TensorType } from '../ir/types.ts';
import { toNumber, type ValueInfoProto } from './decode.ts';
import { isCountable, showShape } from '../tensor/shape.ts';
import { formatFor, rankLimit } from './tensors.ts';

/** What the user says about shapes: whole shapes by input name, single sizes by dimension name, and the batch. */
export interface ShapeOptions {
  /** By input name. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** By the name of a symbolic dimension, such as `batch` or `N`. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Replaces the leading dimension of inputs where it is symbolic, absent or 1. */
  readonly batch?: number;
}

type DeclaredDim = number | string | undefined;

interface Declared {
  readonly name: string;
  readonly format: TensorType['format'];
  readonly dims: readonly DeclaredDim[] | undefined;
}

/** @throws NetloomError NL1102 for inputs that are no tensors */
export function declaredInput(proto: ValueInfoProto, at: Location): Declared {
  const name = proto.name ?? '';
  const type = proto.type?.tensorType;
  if (!type) {
    const kind = proto.type
      ? (Object.keys(proto.type).find((k) => k.endsWith('Type')) ?? 'an unknown type')
      : 'no type';
    fail('NL1102', {
      message: `input "${name}" is no tensor`,
      at,
      cause: `it is declared with ${kind}; netloom computes with tensors`,
      fix: 'export the model with tensor inputs',
    });
  }
  const dims = type.shape?.dim?.map((d): DeclaredDim => {
    if (d.dimParam) return d.dimParam;
    if (d.dimValue === null || d.dimValue === undefined) return undefined;
    const size = toNumber(d.dimValue);
    if (size < 0 && size !== -1) {
      fail('NL1005', {
        message: `input "${name}" has a negative dimension`,
        at,
        cause: `a dimension is ${size}`,
        fix: 'give the shape with --shape, or export the model again',
      });
    }
    // Some exporters write 0 or -1 for "not known"; a true zero-sized input is given with --shape.
    return size === -1 ? undefined : size;
  });
  if (dims && dims.length > rankLimit)
    fail('NL1005', {
      message: `input "${name}" has too many axes`,
      at,
      cause: `${dims.length} axes; at most ${rankLimit} are allowed`,
      fix: 'export the model again',
    });
  return { name, format: formatFor(type.elemType ?? 0, at), dims };
}

/**
 * The types of all inputs. A dimension without a value is taken as 1, with a note that names it.
 * @throws NetloomError NL1017 when a given shape does not fit, names no input, or the rank of an input is unknown
 */
export function bindInputs(
  inputs: readonly Declared[],
  options: ShapeOptions,
  file: string,
  problems: Problems,
): TensorType[] {
  const shapes = new Map(Object.entries(options.shapes ?? {}));
  const dims = new Map(Object.entries(options.dims ?? {}));
  const symbols = new Set(inputs.flatMap((i) => (i.dims ?? []).filter((d) => typeof d === 'string')));
  const names = inputs.map((i) => i.name);
  for (const name of [...shapes.keys()].filter((n) => !names.includes(n))) {
    const near = closest(name, names);
    problems.error('NL1017', {
      message: `--shape names "${name}", but the model has no such input`,
      at: { file },
      cause: `its inputs are ${names.map((n) => `"${n}"`).join(', ')}`,
      fix: near ? `did you mean "${near}"?` : 'use one of these names',
    });
  }
  for (const name of [...dims.keys()].filter((n) => !symbols.has(n))) {
    const near = closest(name, symbols);
    problems.error('NL1017', {
      message: `--shape names the dimension "${name}", but no input has it`,
      at: { file },
      cause: symbols.size
        ? `symbolic dimensions are ${[...symbols].join(', ')}`
        : 'the inputs have no symbolic dimensions',
      fix: near ? `did you mean "${near}"?` : 'name an input, as in --shape input=1,3,224,224',
    });
  }

  const taken = new Map<string, string[]>();
  const types = inputs.map((input): TensorType => {
    const given = shapes.get(input.name);
    if (given) return { format: input.format, shape: checkedGiven(input, given, file, problems) };
    if (!input.dims) {
      problems.error('NL1017', {
        message: `the shape of input "${input.name}" is not known`,
        at: { file },
        cause: 'the model does not even say how many axes it has',
        fix: `give it: --shape ${input.name}=1,3,224,224`,
      });
      return { format: input.format, shape: [] };
    }
    const shape = input.dims.map((d, axis): number => {
      const open = typeof d !== 'number' || d === 1;
      if (axis === 0 && open && options.batch !== undefined && !(typeof d === 'string' && dims.has(d)))
        return options.batch;
      if (typeof d === 'number') return d;
      const bound = d === undefined ? undefined : dims.get(d);
      if (bound !== undefined) return bound;
      const label = d ?? `axis ${axis}`;
      taken.set(label, [...(taken.get(label) ?? []), input.name]);
      return 1;
    });
    return { format: input.format, shape };
  });
  types.forEach(({ shape }, i) => {
    if (isCountable(shape)) return;
    problems.error('NL1002', {
      message: `input "${names[i]}" has more than 2^53 - 1 elements`,
      at: { file },
      cause: `its shape is ${showShape(shape)}`,
      fix: 'give a smaller shape with --shape, or export the model again',
    });
  });
  for (const [label, users] of taken) {
    const first = inputs.find((i) => i.name === users[0])!;
    const example = types[inputs.indexOf(first)]!.shape.join(',');
    problems.note('NL1016', {
      message: `dimension ${/^axis /.test(label) ? label : `"${label}"`} of input ${users.map((u) => `"${u}"`).join(', ')} is taken as 1`,
      at: { file },
      cause: 'the model leaves it open, and nothing was given for it',
      fix: `give the shape: --shape ${first.name}=${example}`,
    });
  }
  return types;
}

function checkedGiven(input: Declared, given: readonly number[], file: string, problems: Problems): readonly number[] {
  const shown = input.dims?.map((d) => d ?? '?').join(',');
  const wrong = (cause: string): void =>
    problems.error('NL1017', {
      message: `--shape ${input.name}=${given.join(',')} does not fit the model`,
      at: { file },
      cause,
      fix: `the model declares ${input.name}=${shown ?? '(unknown rank)'}`,
    });
  if (given.length > rankLimit) wrong(`${given.length} axes; at most ${rankLimit} are allowed`);
  if (!input.dims) return given;
  if (given.length !== input.dims.length) {
    wrong(`${given.length} sizes are given for ${input.dims.length} axes`);
    return input.dims.map((d) => (typeof d === 'number' ? d : 1));
  }
  // The leading axis may be rebound even where an exporter froze it: that is how a batch is set.
  const frozen = input.dims.findIndex((d, axis) => axis > 0 && typeof d === 'number' && d !== given[axis]);
  if (frozen >= 0) wrong(`axis ${frozen} is fixed to ${input.dims[frozen]} in the model`);
  return given;
}
