import { fail, invariant, type Location } from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import { i64 } from '../formats/index.ts';
import { fromNumbers, type Tensor } from '../tensor/tensor.ts';
import { AttributeReader } from './attributes.ts';
import type { ImportContext } from './context.ts';
import type { NodeProto } from './decode.ts';
import { warnOfNonFinite } from './sanity.ts';
import type { GraphScope } from './scope.ts';
import { readSparse, readTensor } from './tensors.ts';

/** A Constant node becomes a constant of the graph, whichever of its attributes holds the value. */
export function importConstant(context: ImportContext, scope: GraphScope, node: NodeProto, at: Location): void {
  const attributes = new AttributeReader(node.attribute ?? [], at, context.readExternal);
  const name = node.output?.[0] ?? '';
  const value = constantValue(context, node, attributes, at);
  if (name === '') return;
  warnOfNonFinite(context.problems, name, value, at);
  scope.builder.constant(scope.define(name), value, { node: at.node!, op: 'Constant' });
}

function constantValue(context: ImportContext, node: NodeProto, attributes: AttributeReader, at: Location): Tensor {
  const list = node.attribute ?? [];
  const [only] = list;
  if (list.length !== 1 || !only) {
    fail('NL1009', {
      message: 'Constant must have exactly one attribute',
      at,
      cause: `it has ${list.length}`,
      fix: 'export the model again',
    });
  }
  const { registry, readExternal } = context;
  switch (only.name) {
    case 'value':
      return attributes.type('value') === 'SPARSE_TENSOR'
        ? readSparse(only.sparseTensor ?? {}, at, readExternal)
        : attributes.tensor('value')!;
    case 'sparse_value':
      return readSparse(only.sparseTensor ?? {}, at, readExternal);
    case 'value_float':
    case 'value_floats': {
      const values = only.name === 'value_float' ? [attributes.float(only.name)!] : attributes.floats(only.name)!;
      return readTensor(
        { dataType: 1, dims: only.name === 'value_float' ? [] : [values.length], floatData: [...values] },
        at,
        readExternal,
      );
    }
    case 'value_int':
    case 'value_ints': {
      const values = only.name === 'value_int' ? [attributes.int(only.name)!] : attributes.ints(only.name)!;
      return fromNumbers(i64, only.name === 'value_int' ? [] : [values.length], values);
    }
    case 'value_string':
    case 'value_strings':
      return readTensor(
        {
          dataType: 8,
          dims: only.name === 'value_string' ? [] : [only.strings?.length ?? 0],
          stringData: only.name === 'value_string' ? [only.s ?? new Uint8Array()] : (only.strings ?? []),
        },
        at,
        readExternal,
      );
    default: {
      const near = closest(only.name ?? '', [
        'value',
        'sparse_value',
        'value_float',
        'value_floats',
        'value_int',
        'value_ints',
        'value_string',
        'value_strings',
      ]);
      invariant(registry, 'a registry is given');
      return fail('NL1010', {
        message: `Constant has no attribute "${only.name ?? ''}"`,
        at,
        cause: 'the operator page names value, sparse_value, value_float(s), value_int(s), value_string(s)',
        fix: near ? `did you mean "${near}"?` : 'export the model again',
      });
    }
  }
}
