import { basename } from 'node:path';
import { builtinPasses, pipelines } from '../../compiler/passes/pipeline.ts';
import { goldenText, goldenNames } from './golden.ts';
import { code, codes, fence, page, prose } from './markdown.ts';

/** Each pass with the shortest of its golden cases as the example. */
export function passesPage(): string {
  return page(
    'Passes',
    'the pass registry and tests/golden/passes',
    'A pass is a step from graph to graph that keeps what the graph computes. The ONNX nodes behind each op are kept through all of them. `netloom estimate model.onnx --on tpu-v1 --dump-after all` writes the graph after each pass that changed something; `npm run opt -- file.loom --pass fold-bn` runs one.',
    `## Orders\n\n${Object.entries(pipelines)
      .map(([name, passes]) => `- ${code(name)}: ${codes(passes.map((p) => p.name))}`)
      .join('\n')}`,
    ...builtinPasses.map((p) => {
      const facts = [
        p.needs.length > 0 ? `Needs ${codes(p.needs)}.` : '',
        p.gives.length > 0 ? `Gives ${codes(p.gives)}.` : '',
      ];
      return [`## ${p.name}`, [prose(p.doc), ...facts].filter(Boolean).join(' '), example(p.name)].join('\n\n');
    }),
  );
}

function example(pass: string): string {
  const cases = goldenNames(`tests/golden/passes/${pass}`).map((path) => ({ path, ...goldenText(path) }));
  const shortest = cases.sort(
    (a, b) => a.input.length + a.expected.length - b.input.length - b.expected.length || (a.path < b.path ? -1 : 1),
  )[0];
  if (!shortest) return '';
  const name = basename(shortest.path, '.loom').replace(/-/g, ' ');
  return `Example (${name}), before and after:\n\n${fence('text', shortest.input)}\n${fence('text', shortest.expected)}`;
}
