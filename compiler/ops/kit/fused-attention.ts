import { fail } from '../../../src/base/diagnostics.ts';
import { absent, type Attrs, type ValueId } from '../../ir/types.ts';
import type { NodeReader, ReadNode } from '../../onnx/node-reader.ts';
import type { OnnxForm } from '../define.ts';

const given = (node: NodeReader, i: number): ValueId | undefined =>
  node.inputs[i] === absent ? undefined : node.inputs[i];

function refuse(type: string, cause: string): never {
  return fail('NL1106', {
    message: `this use of ${type} is not computed`,
    cause,
    fix: 'export the model with the standard Attention operator (opset 23 or newer), or without fused attention',
  });
}

const slice = (node: NodeReader, x: ValueId, axis: number, start: number, end: number): ValueId =>
  node.emit('slice', [x, node.wholes([start], 'start'), node.wholes([end], 'end'), node.wholes([axis], 'axis')]);

function sharedAttrs(node: NodeReader, heads: number): Attrs {
  const scale = node.attributes.float('scale') ?? 0;
  return {
    qNumHeads: heads,
    kvNumHeads: heads,
    isCausal: (node.attributes.int('unidirectional') ?? 0) !== 0,
    ...(scale === 0 ? {} : { scale }),
  };
}

interface Masks {
  readonly mask: ValueId;
  readonly validLengths: ValueId;
}

/** A padding mask (lengths, or 0 and 1 per key) and a bias that is added to the scores, as operands of `attention`. */
function masksOf(node: NodeReader, padding: ValueId | undefined, bias: ValueId | undefined): Masks {
  if (!padding) return { mask: bias ?? absent, validLengths: absent };
  const { shape } = node.info(padding);
  if (shape.length === 1) {
    if (node.attributes.int('unidirectional'))
      refuse(node.type, 'it limits keys by sequence lengths and by position at once');
    return { mask: bias ?? absent, validLengths: padding };
  }
  const extra = node.emit('mask-bias', [padding], { filter: node.attributes.float('mask_filter_value') ?? -10000 });
  return { mask: bias ? node.emit('add', [extra, bias]) : extra, validLengths: absent };
}

/** x, the weights of queries, keys and values side by side, their biases, mask, past, bias of the scores. */
function readAttention(node: NodeReader): ReadNode {
  const { attributes: a } = node;
  const [x, weights] = node.inputs as [ValueId, ValueId];
  if (given(node, 4) || node.outputCount > 1) refuse(node.type, 'its cache holds keys and values in one tensor');
  if (a.int('do_rotary') || a.int('past_present_share_buffer'))
    refuse(node.type, 'it turns its operands by position, or shares a cache, by itself');
  const heads = a.int('num_heads') ?? 0;
  const total = node.info(weights).shape[1] ?? 0;
  const sizes = a.ints('qkv_hidden_sizes') ?? [total / 3, total / 3, total / 3];
  const product = node.emit('einsum', [x, weights], { equation: 'bsi,io->bso' });
  const bias = given(node, 2);
  const all = bias ? node.emit('add', [product, bias]) : product;
  let start = 0;
  const parts = sizes.map((size) => slice(node, all, 2, start, (start += size)));
  const { mask, validLengths } = masksOf(node, given(node, 3), given(node, 5));
  return { inputs: [...parts, mask, absent, absent, validLengths], attrs: sharedAttrs(node, heads) };
}

/** Q, K, V, their biases side by side, padding mask, bias of the scores, past keys and values. */
function readMultiHead(node: NodeReader): ReadNode {
  const [q, k, v] = [given(node, 0), given(node, 1), given(node, 2)];
  if (!q || !k || !v) return refuse(node.type, 'queries, keys and values come packed in one tensor');
  if (node.inputs.slice(8).some((id) => id !== absent)) refuse(node.type, 'it shares a cache buffer');
  if ([q, k, v].some((id) => node.info(id).shape.length !== 3))
    refuse(node.type, 'keys and values come with an axis for the heads');
  const heads = node.attributes.int('num_heads') ?? 0;
  const { mask, validLengths } = masksOf(node, given(node, 4), given(node, 5));
  const bias = given(node, 3);
  let start = 0;
  const biased = [q, k, v].map((id) => {
    if (!bias) return id;
    const size = node.info(id).shape[2]!;
    return node.emit('add', [id, slice(node, bias, 0, start, (start += size))]);
  });
  return {
    inputs: [...biased, mask, given(node, 6) ?? absent, given(node, 7) ?? absent, validLengths],
    attrs: sharedAttrs(node, heads),
  };
}

/** ONNX Runtime's fused attentions, as far as the standard operator can say what they do. */
export const fusedAttentionForms: readonly OnnxForm[] = [
  {
    type: 'Attention',
    domains: ['com.microsoft'],
    attrs: [
      'num_heads',
      'unidirectional',
      'qkv_hidden_sizes',
      'mask_filter_value',
      'scale',
      'do_rotary',
      'past_present_share_buffer',
      'rotary_embedding_dim',
    ],
    read: readAttention,
  },
  {
    type: 'MultiHeadAttention',
    domains: ['com.microsoft'],
    attrs: ['num_heads', 'unidirectional', 'mask_filter_value', 'scale'],
    read: readMultiHead,
  },
];
