import type { Netloom } from '../../src/netloom.ts';
import { makeGraph } from '../differential/compare.ts';
import { encodeModel, float, ModelBuilder, tensorOf, tensorProto } from '../models/onnx-builder.ts';
import { seedlingOf, type Seedling } from './mutate.ts';

function convNet(): ModelBuilder {
  const b = new ModelBuilder('conv');
  const x = b.input('x', ['n', 3, 8, 8]);
  const y = b.node('Conv', [x, b.randomWeight([4, 3, 3, 3]), b.randomWeight([4])], {
    pads: [1, 1, 1, 1],
    strides: [2, 2],
    group: 1,
    dilations: [1, 1],
  });
  const z = b.node(
    'BatchNormalization',
    [y, b.randomWeight([4]), b.randomWeight([4]), b.randomWeight([4]), b.constant(tensorOf('f32', [4], [1, 1, 1, 1]))],
    { epsilon: float(1e-5) },
  );
  const p = b.node('MaxPool', [b.node('Relu', [z])], { kernel_shape: [2, 2], strides: [2, 2] });
  const q = b.node('Reshape', [b.node('Concat', [p, p], { axis: 1 }), b.wholes([1, -1])]);
  b.output(
    b.node('Softmax', [b.node('Gemm', [q, b.randomWeight([32, 5]), b.randomWeight([5])], { alpha: float(0.5) })]),
    'f32',
    ['n', 5],
  );
  return b;
}

/** If, Loop and Scan with bodies that capture outer values. */
function controlFlow(): ModelBuilder {
  const b = new ModelBuilder('control', { opset: 16 });
  const x = b.input('x', [3, 2]);
  const branch = (op: string): ModelBuilder => {
    const inner = new ModelBuilder(op);
    inner.output(inner.node(op, [x]), 'f32', [3, 2]);
    return inner;
  };
  const isPositive = b.node('Greater', [
    b.node('ReduceMax', [x], { keepdims: 0 }),
    b.constant(tensorOf('f32', [], [0])),
  ]);
  const chosen = b.node('If', [isPositive], { then_branch: branch('Relu'), else_branch: branch('Neg') });
  const body = new ModelBuilder('body');
  body.input('i', [], 'i64');
  body.input('go', [], 'bool');
  body.input('sum', [3, 2]);
  body.output(body.node('Identity', ['go']), 'bool', []);
  body.output(body.node('Add', ['sum', x]), 'f32', [3, 2]);
  const looped = b.node('Loop', [b.constant(tensorOf('i64', [], [3])), '', chosen], { body });
  const step = new ModelBuilder('step');
  step.input('state', [2]);
  step.input('row', [2]);
  const next = step.node('Mul', ['state', 'row']);
  step.output(next, 'f32', [2]);
  step.output(step.node('Tanh', [next]), 'f32', [2]);
  const [last, rows] = b.nodes(
    'Scan',
    [b.constant(tensorOf('f32', [2], [1, 2])), looped],
    { body: step, num_scan_inputs: 1 },
    { outputs: 2 },
  );
  b.output(last!);
  b.output(rows!);
  return b;
}

function recurrentNet(): ModelBuilder {
  const b = new ModelBuilder('recurrent');
  const x = b.input('x', [4, 1, 3]);
  const [all, h] = b.nodes(
    'LSTM',
    [x, b.randomWeight([1, 8, 3]), b.randomWeight([1, 8, 2]), b.randomWeight([1, 16])],
    { hidden_size: 2 },
    { outputs: 3 },
  );
  b.output(all!);
  b.output(b.node('TopK', [b.node('Squeeze', [h!, b.wholes([0])]), b.wholes([1])], { axis: -1 }));
  return b;
}

function quantised(): ModelBuilder {
  const b = new ModelBuilder('quantised');
  const scale = b.constant(tensorOf('f32', [], [0.5]));
  const zero = b.constant(tensorOf('u8', [], [3]));
  const q = b.node('QuantizeLinear', [b.input('x', [1, 2, 4, 4]), scale, zero]);
  const y = b.node(
    'QLinearConv',
    [
      q,
      scale,
      zero,
      b.constant(
        tensorOf(
          'i8',
          [2, 2, 3, 3],
          Array.from({ length: 36 }, (_, i) => (i % 7) - 3),
        ),
      ),
      scale,
      b.constant(tensorOf('i8', [], [0])),
      scale,
      zero,
    ],
    { pads: [1, 1, 1, 1] },
  );
  const d = b.node('DequantizeLinear', [y, scale, zero]);
  b.output(b.node('Resize', [d, '', b.constant(tensorOf('f32', [4], [1, 1, 2, 2]))], { mode: 'linear' }));
  return b;
}

/** A local function with an attribute of its own, called twice, and a sparse initializer. */
function withFunction(): Uint8Array {
  const b = new ModelBuilder('function', { domains: { local: 1 } });
  const x = b.input('x', [2, 3]);
  const y = b.node('Scaled', [x, 'sparse'], { slope: float(0.5) }, { domain: 'local' });
  b.output(b.node('Scaled', [y, 'sparse'], {}, { domain: 'local' }));
  const model = b.model();
  const inner = new ModelBuilder('inner');
  const z = inner.node('Add', ['a', 'b']);
  const graph = inner.graph();
  graph.node!.push({
    opType: 'LeakyRelu',
    input: [z],
    output: ['c'],
    attribute: [{ name: 'alpha', type: 1, refAttrName: 'slope' }],
  });
  model.functions = [
    {
      name: 'Scaled',
      domain: 'local',
      input: ['a', 'b'],
      output: ['c'],
      attribute: ['slope'],
      node: graph.node!,
      opsetImport: [{ domain: '', version: 17 }],
    },
  ];
  model.graph!.sparseInitializer = [
    {
      values: tensorProto(tensorOf('f32', [2], [1, 2]), 'sparse'),
      indices: tensorProto(tensorOf('i64', [2], [1, 4])),
      dims: [2, 3],
    },
  ];
  return encodeModel(model);
}

/** Texts, sequences of shapes, and an opset from before axes became inputs. */
function oldShapes(): ModelBuilder {
  const b = new ModelBuilder('shapes', { opset: 11, irVersion: 6 });
  const x = b.input('x', ['batch', 4, 6]);
  const n = b.node('Gather', [b.node('Shape', [x]), b.constant(tensorOf('i64', [], [0]))]);
  const target = b.node('Concat', [b.node('Unsqueeze', [n], { axes: [0] }), b.wholes([-1])], { axis: 0 });
  const flat = b.node('Reshape', [x, target]);
  const [left, right] = b.nodes('Split', [flat], { axis: 1, split: [10, 14] }, { outputs: 2 });
  b.output(b.node('Pad', [left!, b.wholes([0, 1, 0, 1])]));
  b.output(b.node('Slice', [right!, b.wholes([0]), b.wholes([-1]), b.wholes([1]), b.wholes([2])]));
  b.output(b.node('Clip', [b.node('ReduceMean', [flat], { axes: [1] }), b.scalar(0)]));
  return b;
}

/** Small models that between them use most of the reader, and random ones for breadth. */
export function seedlings(netloom: Netloom, random: number): Seedling[] {
  const built = [convNet(), controlFlow(), recurrentNet(), quantised(), oldShapes()].map((b) =>
    seedlingOf(b.graph().name!, b.bytes()),
  );
  built.push(seedlingOf('function', withFunction()));
  const drawn = Array.from({ length: random }, (_, i) =>
    seedlingOf(`random ${i}`, makeGraph(netloom, 9000 + i, 4).builder.bytes()),
  );
  return [...built, ...drawn];
}
