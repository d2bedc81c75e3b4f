import { fail, InternalError } from '../../src/base/diagnostics.ts';
import { typeText } from '../ir/print.ts';
import { sameType } from '../ir/verify.ts';
import { defineOp } from './define.ts';
import { joinWorks } from './kit/join-works.ts';

/**
 * Several ops as one kernel: a contraction, pooling or normalisation, and what is done to each element of its result
 * before it leaves. The body says what is computed; values inside it never reach a memory outside the kernel.
 */
export const fused = defineOp('fused', {
  doc: 'Several ops that run as one kernel; the body holds them.',
  operands: ['xs...'],
  infer: ({ xs }, _, { bodies }) => {
    const [body] = bodies;
    if (!body || bodies.length !== 1 || body.outputs.length !== 1)
      throw new InternalError('a fused op has one body with one output');
    xs.forEach((x, i) => {
      const formal = body.types.get(body.inputs[i]!);
      if (body.inputs.length === xs.length && formal && sameType({ format: x.format, shape: x.shape }, formal)) return;
      fail('NL1014', {
        message: 'the body of a fused op does not fit its operands',
        cause: `operand ${i} is ${typeText(x)}, the body wants ${formal ? typeText(formal) : 'no such operand'}`,
        fix: 'correct the body',
      });
    });
    return body.types.get(body.outputs[0]!)!;
  },
  evaluate: ({ xs }, _, { bodies, run }) => run(bodies[0]!, xs),
  work: ({ xs }, _, { bodies, registry }) => {
    if (!registry) throw new InternalError('the work of a fused op needs the registry of its ops');
    return joinWorks(
      bodies[0]!,
      xs.map((_x, i) => `xs${i}`),
      xs,
      registry,
    );
  },
  examples: [],
});
