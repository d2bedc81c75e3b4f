import type { CodePage } from './page.ts';

export const scheduleCodes = {
  NL4101: {
    title: 'parts of the network run on the host',
    exit: 0,
    wrong: 'float products on an array of 8-bit multipliers',
    right: '--precision int8, or a machine with float units',
    why: 'What a machine has no unit for is run by its host; it is priced with the way over the link, and every such node is named.',
  },
  NL4102: {
    title: 'the network does not fit the machine',
    exit: 0,
    wrong: 'weights of 200 MB in a flash of 1 MiB',
    right: 'fewer bits a weight, a smaller network, or a machine with more memory',
    why: 'The figures are still worked out, as if the memory were large enough, so that you see what the rest would cost; `--fail-on misfit` makes it a failure.',
  },
  NL4103: {
    title: 'the branches of an If are both counted',
    exit: 0,
    wrong: 'an If whose condition is computed from the input',
    right: 'a constant condition, which is resolved at import',
    why: 'Which branch runs is known only at run time: the cost is that of the branch with more scalar operations.',
  },
  NL4104: {
    title: 'tensors do not fit on the chip',
    exit: 0,
    wrong: 'an activation of 40 MiB with 24 MiB on the chip',
    right: 'a smaller batch, fewer bits, or more memory',
    why: 'They go to the next memory out; the traffic and its energy are in the figures.',
  },
} as const satisfies Record<string, CodePage>;
