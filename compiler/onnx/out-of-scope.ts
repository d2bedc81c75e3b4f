/** Operators that exist in ONNX, but have no meaning here, and why: users then need not look for a misspelling. */

export interface OutOfScope {
  /** Said as the cause of NL1105. */
  readonly reason: string;
  readonly fix: string;
}

const text: OutOfScope = {
  reason: 'it works on text, and netloom prices arithmetic on numbers',
  fix: 'export the network from the point where text has become token numbers',
};
const lists: OutOfScope = {
  reason: 'values that are lists of tensors have no dataflow form here',
  fix: 'export the model with plain tensors: Split, Concat, Gather or an unrolled loop instead of a sequence',
};
const optionals: OutOfScope = {
  reason: 'values that may be absent have no dataflow form here',
  fix: 'export the model with the optional value decided',
};
const images: OutOfScope = {
  reason: 'it decodes compressed image files, which is no tensor arithmetic',
  fix: 'export the network from the decoded pixels on',
};
const training: OutOfScope = {
  reason: 'it belongs to training, and netloom prices inference',
  fix: 'export the trained network for inference',
};
const classical: OutOfScope = {
  reason: 'netloom lowers neural networks; classical machine learning (trees, scalers, SVMs) has no dataflow form here',
  fix: 'export the network without its classical pre- or post-processing',
};
const tokenizers: OutOfScope = {
  reason: 'it is an extension for pre- and post-processing (tokenizers, codecs), which is no tensor arithmetic',
  fix: 'export the network without its pre- or post-processing',
};
const fallback: OutOfScope = {
  reason: 'it stands for an operator of the training framework that the exporter could not translate',
  fix: 'export the model again with operators of ONNX only',
};

const named = (entry: OutOfScope, ...types: readonly string[]): [string, OutOfScope][] =>
  types.map((type) => [type, entry]);

/** Operators of the standard domain. */
export const standardOutOfScope: ReadonlyMap<string, OutOfScope> = new Map([
  ...named(text, 'StringSplit', 'StringConcat', 'StringNormalizer', 'RegexFullMatch', 'TfIdfVectorizer'),
  ...named(
    lists,
    'SequenceConstruct',
    'SequenceAt',
    'SequenceInsert',
    'SequenceErase',
    'SequenceLength',
    'SequenceEmpty',
    'SequenceMap',
  ),
  ...named(lists, 'SplitToSequence', 'ConcatFromSequence'),
  ...named(optionals, 'Optional', 'OptionalGetElement', 'OptionalHasElement'),
  ...named(images, 'ImageDecoder'),
  ...named(training, 'Gradient', 'GraphCall', 'Adam', 'Adagrad', 'Momentum'),
  ...named(fallback, 'ATen', 'PythonOp'),
]);

/** ONNX Runtime's operators for training share its domain with those for inference. */
export const vendorOutOfScope: ReadonlyMap<string, OutOfScope> = new Map([
  ...named(
    training,
    'AdamOptimizer',
    'AdamWOptimizer',
    'LambOptimizer',
    'SGDOptimizer',
    'SGDOptimizerV2',
    'InPlaceAccumulator',
    'InPlaceAccumulatorV2',
  ),
  ...named(
    training,
    'ZeroGradient',
    'GradientAccumulator',
    'MixedPrecisionScale',
    'ReduceAllL2',
    'YieldOp',
    'Group',
    'PassThrough',
  ),
  ...named(text, 'Tokenizer', 'WordConvEmbedding', 'MurmurHash3'),
  ...named(fallback, 'ATen', 'PythonOp', 'PythonOpGrad'),
]);

/** Names of gradients: ConvGrad, LayerNormalizationGrad, SoftmaxGrad_13, ... */
const isGradient = (type: string): boolean => /Grad(_\d+)?$/.test(type);

/** Why an operator is none of netloom's, or undefined when nothing is known of it. */
export function outOfScope(domain: string, type: string): OutOfScope | undefined {
  if (domain.startsWith('ai.onnx.ml')) return classical;
  if (/^ai\.onnx(\.preview)?\.training/.test(domain)) return training;
  if (domain === 'ai.onnx.contrib' || domain.startsWith('com.microsoft.extensions')) return tokenizers;
  if (domain.startsWith('com.microsoft.mlfeaturizers')) return classical;
  if (domain === 'org.pytorch.aten') return fallback;
  if (domain === 'com.microsoft') return vendorOutOfScope.get(type) ?? (isGradient(type) ? training : undefined);
  return domain === '' ? standardOutOfScope.get(type) : undefined;
}
