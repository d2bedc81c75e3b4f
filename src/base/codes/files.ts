import type { CodePage } from './page.ts';

export const fileCodes = {
  NL6001: {
    title: 'a file cannot be read',
    exit: 5,
    wrong: 'netloom inspect modle.onnx',
    right: 'netloom inspect model.onnx',
    why: 'The path leads to nothing, to a folder, or to something you may not read.',
  },
  NL6002: {
    title: 'a file cannot be written',
    exit: 5,
    wrong: '--html /no/such/folder/out.html',
    right: '--html out.html',
    why: 'Results are written beside their final place and then renamed, so nothing half-written is left when this fails.',
  },
  NL6003: {
    title: 'a file exists already',
    exit: 5,
    wrong: 'netloom hw new --from tpu-v1 mine.json, twice',
    right: 'netloom hw new --from tpu-v1 mine.json --force',
    why: 'Work of yours is never written over unless you say so.',
  },
  NL6004: {
    title: 'a file is over a limit',
    exit: 3,
    wrong: 'a model of 3 GiB in one file',
    right: 'a small file with its weights as external data beside it',
    why: 'ONNX files end at 2 GiB, as all protobuf messages do; larger models keep their weights in files beside them.',
  },
  NL6101: {
    title: 'a saved run cannot be read',
    exit: 3,
    wrong: 'netloom report notes.json',
    right: 'netloom report run.json',
    why: 'Reports are views of run.json, which `netloom estimate --save run.json` writes.',
  },
  NL6102: {
    title: 'inputs are made up',
    exit: 0,
    wrong: 'netloom simulate model.onnx',
    right: 'netloom simulate model.onnx --test-data test_data_set_0',
    why: 'Without data the inputs are seeded random numbers: enough to see that the model runs, not what it is worth.',
  },
  NL6103: {
    title: 'an input has no values',
    exit: 3,
    wrong: 'one npy file for a model of two inputs',
    right: '--input a.npy b.npy',
    why: 'A run needs a value for each input that has no initializer.',
  },
  NL6104: {
    title: 'an npy file cannot be read',
    exit: 3,
    wrong: 'numpy.save of an object array',
    right: 'numpy.save of a float32 array in C order',
    why: 'netloom reads versions 1 to 3 of the format with plain numeric types.',
  },
} as const satisfies Record<string, CodePage>;
