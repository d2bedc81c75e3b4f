/**
 * The messages of onnx.proto3 as the wire sees them (ONNX 1.18, IR version 13), newer than the generated code of the
 * onnx-proto package. A field is [name, kind]; kinds in capitals are messages; `*` marks repeated fields.
 */
export type ScalarKind = 'varint' | 'float' | 'double' | 'bytes' | 'text';
export interface FieldSpec {
  readonly name: string;
  readonly kind: ScalarKind | { readonly message: string };
  readonly repeated: boolean;
  /** True for fields that onnx-proto's generated code does not know and drops. */
  readonly newer: boolean;
}

const field = (text: string): FieldSpec => {
  const [name, kind] = text.replace(/[*+]/g, '').split(':') as [string, string];
  const scalar = ['varint', 'float', 'double', 'bytes', 'text'].includes(kind);
  return {
    name,
    kind: scalar ? (kind as ScalarKind) : { message: kind },
    repeated: text.includes('*'),
    newer: text.includes('+'),
  };
};

const message = (fields: Record<number, string>): ReadonlyMap<number, FieldSpec> =>
  new Map(Object.entries(fields).map(([number, text]) => [Number(number), field(text)]));

export const messages: Readonly<Record<string, ReadonlyMap<number, FieldSpec>>> = {
  Model: message({
    1: 'irVersion:varint',
    2: 'producerName:text',
    3: 'producerVersion:text',
    4: 'domain:text',
    5: 'modelVersion:varint',
    6: 'docString:text',
    7: 'graph:Graph',
    8: 'opsetImport:OperatorSetId*',
    14: 'metadataProps:StringString*',
    20: 'trainingInfo:TrainingInfo*',
    25: 'functions:Function*',
    26: 'configuration:DeviceConfiguration*+',
  }),
  Graph: message({
    1: 'node:Node*',
    2: 'name:text',
    5: 'initializer:Tensor*',
    10: 'docString:text',
    11: 'input:ValueInfo*',
    12: 'output:ValueInfo*',
    13: 'valueInfo:ValueInfo*',
    14: 'quantizationAnnotation:TensorAnnotation*',
    15: 'sparseInitializer:SparseTensor*',
    16: 'metadataProps:StringString*+',
  }),
  Node: message({
    1: 'input:text*',
    2: 'output:text*',
    3: 'name:text',
    4: 'opType:text',
    5: 'attribute:Attribute*',
    6: 'docString:text',
    7: 'domain:text',
    8: 'overload:text+',
    9: 'metadataProps:StringString*+',
    10: 'deviceConfigurations:NodeDevice*+',
  }),
  Attribute: message({
    1: 'name:text',
    2: 'f:float',
    3: 'i:varint',
    4: 's:bytes',
    5: 't:Tensor',
    6: 'g:Graph',
    7: 'floats:float*',
    8: 'ints:varint*',
    9: 'strings:bytes*',
    10: 'tensors:Tensor*',
    11: 'graphs:Graph*',
    13: 'docString:text',
    14: 'tp:Type',
    15: 'typeProtos:Type*',
    20: 'type:varint',
    21: 'refAttrName:text',
    22: 'sparseTensor:SparseTensor',
    23: 'sparseTensors:SparseTensor*',
  }),
  Tensor: message({
    1: 'dims:varint*',
    2: 'dataType:varint',
    3: 'segment:Segment',
    4: 'floatData:float*',
    5: 'int32Data:varint*',
    6: 'stringData:bytes*',
    7: 'int64Data:varint*',
    8: 'name:text',
    9: 'rawData:bytes',
    10: 'doubleData:double*',
    11: 'uint64Data:varint*',
    12: 'docString:text',
    13: 'externalData:StringString*',
    14: 'dataLocation:varint',
    16: 'metadataProps:StringString*+',
  }),
  Segment: message({ 1: 'begin:varint', 2: 'end:varint' }),
  SparseTensor: message({ 1: 'values:Tensor', 2: 'indices:Tensor', 3: 'dims:varint*' }),
  ValueInfo: message({ 1: 'name:text', 2: 'type:Type', 3: 'docString:text', 4: 'metadataProps:StringString*+' }),
  Type: message({
    1: 'tensorType:TensorTypeOf',
    4: 'sequenceType:TypeOf',
    5: 'mapType:MapOf',
    6: 'denotation:text',
    7: 'opaqueType:Opaque',
    8: 'sparseTensorType:TensorTypeOf',
    9: 'optionalType:TypeOf',
  }),
  TensorTypeOf: message({ 1: 'elemType:varint', 2: 'shape:Shape' }),
  TypeOf: message({ 1: 'elemType:Type' }),
  MapOf: message({ 1: 'keyType:varint', 2: 'valueType:Type' }),
  Opaque: message({ 1: 'domain:text', 2: 'name:text' }),
  Shape: message({ 1: 'dim:Dimension*' }),
  Dimension: message({ 1: 'dimValue:varint', 2: 'dimParam:text', 3: 'denotation:text' }),
  OperatorSetId: message({ 1: 'domain:text', 2: 'version:varint' }),
  StringString: message({ 1: 'key:text', 2: 'value:text' }),
  TensorAnnotation: message({ 1: 'tensorName:text', 2: 'quantParameterTensorNames:StringString*' }),
  TrainingInfo: message({
    1: 'initialization:Graph',
    2: 'algorithm:Graph',
    3: 'initializationBinding:StringString*',
    4: 'updateBinding:StringString*',
  }),
  Function: message({
    1: 'name:text',
    4: 'input:text*',
    5: 'output:text*',
    6: 'attribute:text*',
    7: 'node:Node*',
    8: 'docString:text',
    9: 'opsetImport:OperatorSetId*',
    10: 'domain:text',
    11: 'attributeProto:Attribute*+',
    12: 'valueInfo:ValueInfo*+',
    13: 'overload:text+',
    14: 'metadataProps:StringString*+',
  }),
  DeviceConfiguration: message({ 1: 'name:text', 2: 'numDevices:varint', 3: 'device:text*' }),
  NodeDevice: message({ 1: 'configurationId:text' }),
};
