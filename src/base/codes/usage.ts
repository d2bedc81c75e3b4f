import type { CodePage } from './page.ts';

export const usageCodes = {
  NL7001: {
    title: 'the command line is not understood',
    exit: 2,
    wrong: 'netloom estimat model.onnx',
    right: 'netloom estimate model.onnx --on tpu-v1',
    why: 'An unknown command, flag or value could change the result without your knowing, so it is refused.',
  },
  NL7002: {
    title: 'a value of a flag is not understood',
    exit: 2,
    wrong: '--shape 1,3,224',
    right: '--shape input=1,3,224,224',
    why: 'Flags say what form their values have in `netloom <command> --help`.',
  },
  NL7003: {
    title: 'a config file is not understood',
    exit: 2,
    wrong: '{ "precison": "int8" }',
    right: '{ "precision": "int8" }',
    why: 'An unknown key in netloom.config.json could change a result without your knowing, so it is refused.',
  },
  NL7004: {
    title: 'there is no page for this term',
    exit: 2,
    wrong: 'netloom explain rooflin',
    right: 'netloom explain roofline',
    why: '`netloom explain` without a word lists the terms and codes it knows.',
  },
  NL7005: {
    title: 'there is no such layer',
    exit: 2,
    wrong: 'netloom explain model.onnx --layer conv',
    right: 'netloom explain model.onnx --layer /conv1/Conv',
    why: 'Layers carry the names of their ONNX nodes; `netloom inspect` lists them.',
  },
  NL7101: {
    title: 'a gate is missed',
    exit: 1,
    wrong: '--max-latency 5ms on a run of 7 ms',
    right: 'a faster network or machine, or a wider gate',
    why: 'Gates turn an estimate into a check for CI: the answer is "no", and the exit code says so.',
  },
} as const satisfies Record<string, CodePage>;
