/** Faulty and hostile models: each ends in a clean error that names what is at fault (ROBUSTNESS.md sections 1 to 3). */
import { expect, test } from 'vitest';
import { floats, io, modelBytes, relu, value, wholes, type Message } from '../models/raw-model.ts';
import {
  branch,
  call,
  conv,
  faults,
  ifNode,
  ints,
  leaky,
  pool,
  quantise,
  truth,
  withNode,
  withWeight,
} from '../models/faulty-models.ts';

type Case = readonly [what: string, bytes: Uint8Array, code: string, place: RegExp];

const cases: readonly Case[] = [
  // Tensors
  ['65 axes', withWeight(floats('w', new Array(65).fill(1), [1])), 'NL1005', /"w"/],
  ['more than 2^53 elements', withWeight(floats('w', [2 ** 27, 2 ** 27], [])), 'NL1005', /"w"/],
  ['a negative size', withWeight(floats('w', [-1], [])), 'NL1005', /"w"/],
  [
    'two data fields',
    withWeight({ ...floats('w', [3], [1, 2, 3]), rawData: new Uint8Array(12) }),
    'NL1005',
    /"w" f32\[3\]/,
  ],
  ['too few elements', withWeight(floats('w', [4], [1, 2, 3])), 'NL1005', /"w" f32\[4\]/],
  ['too many bytes', withWeight({ name: 'w', dims: [3], dataType: 1, rawData: new Uint8Array(13) }), 'NL1005', /"w"/],
  ['the wrong field', withWeight({ name: 'w', dims: [1], dataType: 1, int64Data: [1] }), 'NL1005', /"w"/],
  ['no data', withWeight({ name: 'w', dims: [3], dataType: 1 }), 'NL1005', /"w"/],
  ['complex numbers', withWeight({ name: 'w', dims: [1], dataType: 14, floatData: [1, 2] }), 'NL1102', /"w"/],
  ['an element type that does not exist', withWeight({ name: 'w', dims: [1], dataType: 99 }), 'NL1102', /"w"/],
  [
    'external data without a file',
    withWeight({
      name: 'w',
      dims: [1],
      dataType: 1,
      dataLocation: 1,
      externalData: [{ key: 'location', value: 'w.bin' }],
    }),
    'NL1012',
    /"w"/,
  ],
  [
    'external data without a location',
    withWeight({ name: 'w', dims: [1], dataType: 1, dataLocation: 1 }),
    'NL1011',
    /"w"/,
  ],
  [
    'external data of another size',
    withWeight({
      name: 'w',
      dims: [1],
      dataType: 1,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: 'w.bin' },
        { key: 'length', value: '999999999999' },
      ],
    }),
    'NL1005',
    /"w"/,
  ],
  [
    'an offset that is no number',
    withWeight({
      name: 'w',
      dims: [1],
      dataType: 1,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: 'w' },
        { key: 'offset', value: '-1' },
      ],
    }),
    'NL1011',
    /"w"/,
  ],
  [
    'a sparse index out of range',
    modelBytes({
      ...io,
      sparseInitializer: [{ dims: [4], values: floats('w', [1], [1]), indices: wholes('', [4]) }],
      node: [relu],
    }),
    'NL1005',
    /"w"/,
  ],
  [
    'sparse indices in floats',
    modelBytes({
      ...io,
      sparseInitializer: [{ dims: [4], values: floats('w', [1], [1]), indices: floats('', [1], [0.5]) }],
      node: [relu],
    }),
    'NL1005',
    /"w"/,
  ],
  [
    'a sparse tensor of a gigabyte',
    modelBytes({
      ...io,
      sparseInitializer: [{ dims: [2 ** 28], values: floats('w', [1], [1]), indices: wholes('', [0]) }],
      node: [relu],
    }),
    'NL1005',
    /"w"/,
  ],
  // Versions
  ['IR 99', modelBytes({ ...io, node: [relu] }, { irVersion: 99 }), 'NL1004', /m\.onnx/],
  ['IR 2', modelBytes({ ...io, node: [relu] }, { irVersion: 2 }), 'NL1004', /m\.onnx/],
  ...[0, -5, 29, 2 ** 53].map((version): Case => [
    `opset ${version}`,
    modelBytes({ ...io, node: [relu] }, { opsetImport: [{ domain: '', version }] }),
    'NL1004',
    /m\.onnx/,
  ]),
  ['no opset', modelBytes({ ...io, node: [relu] }, { opsetImport: [] }), 'NL1004', /m\.onnx/],
  [
    'no opset of the standard domain',
    modelBytes({ ...io, node: [relu] }, { opsetImport: [{ domain: 'com.microsoft', version: 1 }] }),
    'NL1004',
    /Relu, #0/,
  ],
  // Graph
  [
    'an input of more than 2^53 elements',
    modelBytes({ input: [value('x', [2 ** 40, 2 ** 40])], output: [value('y', [1])], node: [relu] }),
    'NL1002',
    /m\.onnx/,
  ],
  [
    'an input that stands twice',
    modelBytes({ input: [value('x', [1]), value('x', [1])], output: [value('y')], node: [relu] }),
    'NL1007',
    /m\.onnx/,
  ],
  [
    'an initializer that stands twice',
    modelBytes({ ...io, initializer: [floats('w', [1], [1]), floats('w', [1], [1])], node: [relu] }),
    'NL1007',
    /"w"/,
  ],
  [
    'a sequence as input',
    modelBytes({
      ...io,
      input: [{ name: 'x', type: { sequenceType: { elemType: { tensorType: { elemType: 1 } } } } }],
      node: [relu],
    }),
    'NL1102',
    /"x"/,
  ],
  [
    'an input of 65 axes',
    modelBytes({ ...io, input: [value('x', new Array(65).fill(1))], node: [relu] }),
    'NL1005',
    /"x"/,
  ],
  ['an input with a negative size', modelBytes({ ...io, input: [value('x', [-2])], node: [relu] }), 'NL1005', /"x"/],
  ['no outputs', modelBytes({ input: io.input, node: [relu] }), 'NL1003', /m\.onnx/],
  ['an output that nothing makes', modelBytes({ ...io, output: [value('q')], node: [relu] }), 'NL1006', /m\.onnx/],
  ['a use without a definition', withNode({ ...relu, input: ['xx'] }), 'NL1006', /r.*Relu, #0/],
  ['two makers', modelBytes({ ...io, node: [relu, { ...relu, name: 'r2' }] }), 'NL1007', /r2.*#1/],
  [
    'a circle',
    modelBytes({
      ...io,
      node: [
        { ...relu, input: ['z'] },
        { opType: 'Relu', name: 's', input: ['y'], output: ['z'] },
      ],
    }),
    'NL1008',
    /r.*#0/,
  ],
  // Attributes
  ['an unknown attribute', leaky([{ name: 'alfa', type: 1, f: 1 }]), 'NL1010', /LeakyRelu, #0/],
  [
    'an unknown attribute that is a graph',
    withNode({ ...relu, attribute: [{ name: 'foo', type: 5, g: { name: 'z' } }] }),
    'NL1010',
    /Relu, #0/,
  ],
  [
    'an attribute that stands twice',
    leaky([
      { name: 'alpha', type: 1, f: 1 },
      { name: 'alpha', type: 1, f: 2 },
    ]),
    'NL1009',
    /LeakyRelu, #0/,
  ],
  ['a wrong type', leaky([{ name: 'alpha', type: 3, s: new Uint8Array([97]) }]), 'NL1009', /LeakyRelu, #0/],
  ['a type beside the value', leaky([{ name: 'alpha', type: 1, ints: [1, 2] }]), 'NL1009', /LeakyRelu, #0/],
  [
    'a reference outside of functions',
    leaky([{ name: 'alpha', type: 1, refAttrName: 'a' }]),
    'NL1009',
    /LeakyRelu, #0/,
  ],
  [
    'a missing attribute',
    withNode({ opType: 'Concat', name: 'k', input: ['x', 'x'], output: ['y'] }),
    'NL1009',
    /Concat, #0/,
  ],
  [
    'a Constant of nothing',
    modelBytes({ ...io, node: [{ opType: 'Constant', name: 'k', output: ['y'] }] }),
    'NL1009',
    /Constant, #0/,
  ],
  // Geometry
  ['a stride of 0', conv([ints('strides', [0, 1])]), 'NL1014', /Conv, #0/],
  ['a negative stride', conv([ints('strides', [-1, 1])]), 'NL1014', /Conv, #0/],
  ['strides of 1.5', conv([{ name: 'strides', type: 6, floats: [1.5, 1] }]), 'NL1014', /Conv, #0/],
  ['a dilation of 0', conv([ints('dilations', [0, 1])]), 'NL1014', /Conv, #0/],
  ['a negative pad', conv([ints('pads', [-1, 0, 0, 0])]), 'NL1014', /Conv, #0/],
  ['groups that do not divide', conv([{ name: 'group', type: 2, i: 2 }]), 'NL1014', /Conv, #0/],
  ['no groups', conv([{ name: 'group', type: 2, i: 0 }]), 'NL1014', /Conv, #0/],
  ['a kernel of 0', pool([ints('kernel_shape', [0, 1])]), 'NL1014', /MaxPool, #0/],
  ['a kernel larger than its input', pool([ints('kernel_shape', [9, 9])]), 'NL1014', /MaxPool, #0/],
  ['too many inputs', withNode({ ...relu, input: ['x', 'x'] }), 'NL1013', /Relu, #0/],
  [
    'shapes that do not fit',
    withNode({ opType: 'MatMul', name: 'm', input: ['x', 'x'], output: ['y'] }),
    'NL1014',
    /MatMul, #0/,
  ],
  [
    'a wrong element type',
    withNode({ opType: 'And', name: 'a', input: ['x', 'x'], output: ['y'] }),
    'NL1015',
    /And, #0/,
  ],
  // Sizes that nobody can hold
  [
    'Tile by 2^80',
    withNode({ opType: 'Tile', name: 't', input: ['x', 's'], output: ['y'] }, [wholes('s', [2 ** 40, 2 ** 40])]),
    'NL1002',
    /Tile, #0/,
  ],
  [
    'Expand to 2^80',
    withNode(
      { opType: 'Expand', name: 't', input: ['x', 's'], output: ['y'] },
      [wholes('s', [2 ** 40, 1, 2 ** 40])],
      [value('x', [1, 1])],
    ),
    'NL1002',
    /Expand, #0/,
  ],
  [
    'Range of 1e68',
    withNode({ opType: 'Range', name: 't', input: ['a', 'b', 'd'], output: ['y'] }, [
      floats('a', [], [0]),
      floats('b', [], [3e38]),
      floats('d', [], [1e-30]),
    ]),
    'NL1002',
    /Range, #0/,
  ],
  [
    'Pad by 2^50',
    withNode({ opType: 'Pad', name: 't', input: ['x', 's'], output: ['y'] }, [wholes('s', [2 ** 50, 0, 0, 2 ** 50])]),
    'NL1002',
    /Pad, #0/,
  ],
  [
    'OneHot of 2^72',
    withNode(
      { opType: 'OneHot', name: 't', input: ['x', 'd', 'v'], output: ['y'] },
      [{ name: 'd', dims: [], dataType: 7, int64Data: [2 ** 52] }, floats('v', [2], [0, 1])],
      [value('x', [2 ** 20], 7)],
    ),
    'NL1002',
    /OneHot, #0/,
  ],
  // Quantisers
  ...[NaN, Infinity, 0, -1].map((scale): Case => [
    `a scale of ${scale}`,
    quantise(scale),
    'NL1020',
    /q.*QuantizeLinear, #0.*"s" f32\[\]/,
  ]),
  // Functions and bodies
  [
    'a function that does not make its result',
    call({ output: ['zzz'], node: [{ opType: 'Relu', input: ['a'], output: ['b'] }] }),
    'NL1006',
    /call/,
  ],
  [
    'a function with too few results',
    call({ node: [{ opType: 'Relu', input: ['a'], output: ['b'] }] }, { output: ['y', 'y2'] }),
    'NL1013',
    /call/,
  ],
  [
    'a function called with too much',
    call({ node: [{ opType: 'Relu', input: ['a'], output: ['b'] }] }, { input: ['x', 'x'] }),
    'NL1013',
    /call/,
  ],
  [
    'a fault inside a function',
    call({ node: [{ opType: 'Relu', name: 'inner', input: ['nowhere'], output: ['b'] }] }),
    'NL1006',
    /inner/,
  ],
  [
    'a function that calls itself',
    call({ node: [{ opType: 'f', domain: 'l', input: ['a'], output: ['b'] }] }),
    'NL1002',
    /m\.onnx/,
  ],
  [
    'two functions of one name',
    modelBytes(
      { ...io, node: [relu] },
      {
        functions: [
          { domain: 'l', name: 'f' },
          { domain: 'l', name: 'f' },
        ],
      },
    ),
    'NL1018',
    /m\.onnx/,
  ],
  [
    'a branch that does not make its result',
    modelBytes({
      ...io,
      initializer: [truth],
      node: [ifNode([branch('then_branch', 'nope'), branch('else_branch', 'x')])],
    }),
    'NL1006',
    /i.*If, #0/,
  ],
  ['an If without branches', modelBytes({ ...io, initializer: [truth], node: [ifNode([])] }), 'NL1013', /If, #0/],
  [
    'a doubled initializer in a branch',
    modelBytes({
      ...io,
      initializer: [truth],
      node: [
        ifNode([
          {
            name: 'then_branch',
            type: 5,
            g: { name: 't', initializer: [floats('w', [1], [1]), floats('w', [1], [1])], output: [{ name: 'w' }] },
          },
          branch('else_branch', 'x'),
        ]),
      ],
    }),
    'NL1007',
    /If, #0/,
  ],
  [
    'an attribute fault inside a branch',
    modelBytes({
      input: [value('x', [1, 3]), value('c', [], 9)],
      output: io.output,
      node: [
        ifNode([
          branch('then_branch', 'q', [
            {
              opType: 'LeakyRelu',
              name: 'deep',
              input: ['x'],
              output: ['q'],
              attribute: [{ name: 'alfa', type: 1, f: 1 }],
            },
          ]),
          branch('else_branch', 'x'),
        ]),
      ],
    }),
    'NL1010',
    /i\/deep/,
  ],
  // Operators
  ['an unknown operator', withNode({ ...relu, opType: 'Reluu' }), 'NL1101', /Reluu, #0/],
  [
    'classical machine learning',
    modelBytes(
      { ...io, node: [{ ...relu, opType: 'Scaler', domain: 'ai.onnx.ml' }] },
      {
        opsetImport: [
          { domain: '', version: 17 },
          { domain: 'ai.onnx.ml', version: 3 },
        ],
      },
    ),
    'NL1105',
    /Scaler, #0/,
  ],
];

test.each(cases)('%s', (_, bytes, code, place) => {
  const found = faults(bytes);
  const match = found.find((d) => d.code === code);
  expect(found.map((d) => d.code)).toContain(code);
  expect(JSON.stringify(match!.locations).replace(/\\"/g, '"')).toMatch(place);
  expect(match!.locations[0]!.file).toBe('m.onnx');
  expect(match!.fixes.length).toBeGreaterThan(0);
  expect(match!.cause).toBeTruthy();
});

test('an attribute type that ONNX does not have', () => {
  const bytes = leaky([{ name: 'alpha', type: 1, f: 1 }]);
  // AttributeProto.type is field 20: tag bytes a0 01, then the type.
  const at = bytes.findIndex((b, i) => b === 0xa0 && bytes[i + 1] === 0x01);
  bytes[at + 2] = 99;
  expect(faults(bytes)[0]).toMatchObject({ code: 'NL1009', message: expect.stringMatching(/type 99/) as string });
});

test('all problems of a model are reported at once', () => {
  const node = (i: number): Message => ({ opType: `Nope${i}`, name: `n${i}`, input: ['x'], output: [`o${i}`] });
  expect(
    faults(modelBytes({ ...io, node: [relu, ...Array.from({ length: 30 }, (_, i) => node(i))] })).filter(
      (d) => d.code === 'NL1101',
    ),
  ).toHaveLength(30);
});

test('typos of operators, attributes and values get a suggestion', () => {
  const fixOf = (bytes: Uint8Array): string => faults(bytes)[0]!.fixes.join();
  expect(fixOf(withNode({ ...relu, opType: 'Reluu' }))).toMatch(/did you mean "Relu"/);
  expect(fixOf(leaky([{ name: 'alpa', type: 1, f: 1 }]))).toMatch(/did you mean "alpha"/);
  expect(
    fixOf(modelBytes({ input: [value('image', [1])], output: [value('y')], node: [{ ...relu, input: ['imgae'] }] })),
  ).toMatch(/did you mean "image"/);
});
