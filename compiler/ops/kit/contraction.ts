import { misfit } from './layout.ts';

/** An operand of an einsum: the label of each of its axes; a label may stand twice (a diagonal). */
export interface Factor {
  readonly name: string;
  readonly labels: readonly string[];
}

/** One product of one or two factors, summed over the labels that the result does not have. */
export interface ProductStep {
  readonly factors: readonly Factor[];
  readonly result: Factor;
}

export interface EinsumPlan {
  /** Labels of the operands and of the output. */
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
  readonly steps: readonly ProductStep[];
}

const isTerm = (term: string): boolean => /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term);

/** The axes that `...` stands for are e0, e1, ..., counted so that the last ones line up. */
const openAxes = (count: number, most: number): string[] =>
  Array.from({ length: count }, (_, i) => `e${most - count + i}`);

function labelsOf(term: string, open: number, most: number): string[] {
  const [before, after] = term.split('...') as [string, string | undefined];
  return after === undefined ? [...before] : [...before, ...openAxes(open, most), ...after];
}

/**
 * Reads an einsum equation for operands of given shapes: labels a letter each, `...` for the axes not named, and
 * without `->` an output of the open axes followed by the labels that stand once, in alphabetical order.
 * @throws NetloomError NL1014 when the equation is wrong or does not fit the shapes
 */
export function planEinsum(equation: string, shapes: readonly (readonly number[])[]): EinsumPlan {
  const wrong = (cause: string): never => misfit(`the einsum "${equation}" does not fit its operands`, cause);
  const [left, right, more] = equation.replace(/\s/g, '').split('->') as [
    string,
    string | undefined,
    string | undefined,
  ];
  const terms = left.split(',');
  if (more !== undefined) wrong('it has two arrows');
  if (terms.length !== shapes.length) wrong(`it has ${terms.length} terms for ${shapes.length} operands`);
  for (const term of [...terms, right ?? ''])
    if (!isTerm(term)) wrong(`"${term}" is no list of letters with at most one "..."`);

  const open = terms.map((term, i) => {
    const letters = term.replace('...', '').length;
    const rest = shapes[i]!.length - letters;
    const fits = term.includes('...') ? rest >= 0 : rest === 0;
    return fits ? rest : wrong(`"${term}" names ${letters} axes, operand ${i} has ${shapes[i]!.length}`);
  });
  const most = Math.max(0, ...open);
  const inputs = terms.map((term, i) => labelsOf(term, open[i]!, most));
  const sizes = sizesOf(inputs, shapes, wrong);
  const output = right === undefined ? impliedOutput(terms, most) : labelsOf(right, most, most);
  if (new Set(output).size !== output.length) wrong('a label stands twice in the output');
  for (const label of output) if (!sizes.has(label)) wrong(`"${label}" of the output is no label of an operand`);
  return { inputs, output, sizes, steps: stepsOf(inputs, output) };
}

function sizesOf(
  inputs: readonly (readonly string[])[],
  shapes: readonly (readonly number[])[],
  wrong: (cause: string) => never,
): Map<string, number> {
  const sizes = new Map<string, number>();
  inputs.forEach((labels, i) =>
    labels.forEach((label, axis) => {
      const size = shapes[i]![axis]!;
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size)
        wrong(`"${label}" is ${known} in one place and ${size} in another`);
      sizes.set(label, known === 1 ? size : known);
    }),
  );
  return sizes;
}

function impliedOutput(terms: readonly string[], most: number): string[] {
  const letters = [...terms.join('').replaceAll('.', '')];
  const once = letters.filter((l) => letters.indexOf(l) === letters.lastIndexOf(l));
  return [...openAxes(most, most), ...once.sort()];
}

/**
 * Operands are first summed over the labels that only they have, then multiplied two at a time from the left; each
 * product is summed over the labels that nothing after it needs.
 */
function stepsOf(inputs: readonly (readonly string[])[], output: readonly string[]): ProductStep[] {
  const steps: ProductStep[] = [];
  const result = (factors: readonly Factor[], name: string, labels: readonly string[]): Factor => {
    steps.push({ factors, result: { name, labels } });
    return { name, labels };
  };
  if (inputs.length === 1)
    return [{ factors: [{ name: 'xs0', labels: inputs[0]! }], result: { name: 'out', labels: output } }];
  const factors = inputs.map((labels, i): Factor => {
    const needed = new Set([...output, ...inputs.filter((_, k) => k !== i).flat()]);
    const own = { name: `xs${i}`, labels };
    return labels.every((l) => needed.has(l))
      ? own
      : result(
          [own],
          `sum${i}`,
          [...new Set(labels)].filter((l) => needed.has(l)),
        );
  });
  factors.reduce((product, factor, i) => {
    const isLast = i === factors.length - 1;
    const needed = new Set([...output, ...factors.slice(i + 1).flatMap((later) => later.labels)]);
    const labels = isLast ? output : [...new Set([...product.labels, ...factor.labels])].filter((l) => needed.has(l));
    return result([product, factor], isLast ? 'out' : `product${i}`, labels);
  });
  return steps;
}
