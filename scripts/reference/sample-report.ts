import { estimate, loadHardware, loadModel, lower, renderReport } from '../../src/node.ts';

const model = 'examples/small-cnn.onnx';

/** The report of the example, as `netloom estimate ... --html` writes it. */
export async function sampleReport(): Promise<string> {
  const loaded = await loadModel(model);
  const run = estimate(lower(loaded, { precision: 'int8' }), await loadHardware('tpu-v1'));
  const command = `netloom estimate ${model} --on tpu-v1 --precision int8`;
  return renderReport([run], { command, inputs: [{ path: model, sha256: loaded.sha256 }] });
}
