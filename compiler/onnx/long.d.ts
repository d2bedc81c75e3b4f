// onnx-proto's types name a global `Long` that they do not declare.
declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports -- a global type can be declared in no other way
  type Long = import('long').default;
}
export {};
