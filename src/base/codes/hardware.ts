import type { CodePage } from './page.ts';

export const hardwareCodes = {
  NL2101: {
    title: 'the file is not valid JSON',
    exit: 3,
    wrong: '{ "name": "my-tpu", }',
    right: '{ "name": "my-tpu" }',
    why: 'Machine files are strict JSON in UTF-8: no comments, no trailing commas, finite numbers.',
  },
  NL2102: {
    title: 'the file is over a limit',
    exit: 3,
    wrong: 'a machine file of 5 MB',
    right: 'a machine file of a few KB',
    why: 'Option and machine files are small by nature; the limit keeps damaged files from filling the memory.',
  },
  NL2103: {
    title: 'a key is not known',
    exit: 3,
    wrong: '"bandwith": "34 GB/s"',
    right: '"bandwidth": "34 GB/s"',
    why: 'An unknown key could change the result without your knowing, so it is refused.',
  },
  NL2104: {
    title: 'a key stands twice or is forbidden',
    exit: 3,
    wrong: '{ "clock": 1, "clock": 2 }',
    right: '{ "clock": 2 }',
    why: 'Which of two values holds would depend on the reader.',
  },
  NL2105: {
    title: 'a value does not fit the schema',
    exit: 3,
    wrong: '"rows": -4',
    right: '"rows": 4',
    why: 'Each field has a type, a range and a unit, which `netloom hw schema` prints.',
  },
  NL2106: {
    title: 'a quantity has no unit, or the wrong one',
    exit: 3,
    wrong: '"clock": "480"',
    right: '"clock": "480 MHz"',
    why: 'Numbers with a dimension carry their unit, so that nobody has to guess whether MB or MiB, pJ or nJ was meant.',
  },
  NL2107: {
    title: 'no machine of that name',
    exit: 2,
    wrong: '--on tpuv1',
    right: '--on tpu-v1',
    why: 'Machines are presets (`netloom hw list`) or paths of machine files.',
  },
  NL2108: {
    title: 'a value is out of sense',
    exit: 0,
    wrong: '"bandwidth": "34 TB/s" on DDR3',
    right: '"bandwidth": "34 GB/s"',
    why: 'The value is possible for the schema but not for the hardware; it is used, and named.',
  },
  NL2109: {
    title: 'a machine contradicts itself',
    exit: 3,
    wrong: 'a host that names the machine itself',
    right: 'a host that is a CPU',
    why: 'The parts of a machine must fit each other.',
  },
} as const satisfies Record<string, CodePage>;
