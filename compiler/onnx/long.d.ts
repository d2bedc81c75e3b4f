// onnx-proto's types name a global `Long` that they do not declare.
declare global {
  type Long = import('long').default;
}
export {};
